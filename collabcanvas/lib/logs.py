"""How lines get into the log, and how an exception is written there: its place and kind, and not what it says."""

import logging
import os
import traceback
from types import TracebackType
from typing import Any

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def without_words(exc_info: ExcInfo) -> str:
    """The frames and types of the exception and of what led to it, innermost last.

    Its own words may quote what a person wrote, or a row of the database; the `error_id` beside it and the frames
    find the place.
    """
    chain: list[BaseException] = []
    error: BaseException | None = exc_info[1]
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to\n".join(
        "".join(traceback.format_tb(each.__traceback__))
        + f"{type(each).__module__}.{type(each).__qualname__}"
        for each in reversed(chain)
    )


class WholeLines(logging.StreamHandler[Any]):
    """Hands each line to the system at once, without the lock. For streams that are files, pipes or terminals.

    The standard handler holds its lock while it writes. Whoever writes lets other threads run, and must then wait for
    its turn with the lock still held: threads of a busy web process stood in that queue a fifth of their time. Lines
    of up to 4 KB stay whole in any case, longer ones where the reader keeps up.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        # As in the standard library, but for the lock; none of our filters puts another record in place.
        is_kept = self.filter(record)
        if is_kept:
            self.emit(record)
        return bool(is_kept)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = (self.format(record) + self.terminator).encode(errors="backslashreplace")
            while line:
                line = line[os.write(self.stream.fileno(), line) :]
        except Exception:  # noqa: BLE001  # as every handler: what cannot be logged stops nothing
            self.handleError(record)
