"""Log lines: an event name and its fields, as JSON in production, readable in development."""

import json
import logging
import time

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """Formats `logger.info("job_claimed", extra={"job_id": …})` with all extra fields as ids beside the event."""

    converter = time.gmtime

    def __init__(self, *, json: bool) -> None:
        super().__init__()
        self._as_json = json

    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z"
        trace = self.formatException(record.exc_info) if record.exc_info else None
        if self._as_json:
            line = {"at": at, "level": record.levelname, "logger": record.name, "event": record.getMessage()}
            if trace:
                line["trace"] = trace
            return json.dumps(line | fields, default=str, ensure_ascii=False)
        pairs = " ".join(f"{key}={value}" for key, value in fields.items())
        text = f"{at} {record.levelname:<7} {record.name}: {record.getMessage()} {pairs}".rstrip()
        return f"{text}\n{trace}" if trace else text
