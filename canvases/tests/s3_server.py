"""A small server that speaks as much of S3 as backups need; it keeps everything in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY = "backup-key"
# A secret with what an address may not hold.
SECRET_KEY = "s/ec+ret@1"
BUCKET = "drawings"
PAGE = 3


class S3Server(ThreadingHTTPServer):
    """`objects` is what the bucket holds; keys in `refused` cannot be written."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.refused: set[str] = set()

    @property
    def url(self) -> str:
        """What BACKUP_URL would be."""
        endpoint = f"http://127.0.0.1:{self.server_port}"
        return f"s3://{ACCESS_KEY}:s%2Fec%2Bret%401@{BUCKET}/nightly?endpoint={endpoint}&region=eu-test-1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3Server

    def log_message(self, *_: Any) -> None:
        pass

    def _key(self) -> str:
        _, bucket, key = unquote(urlsplit(self.path).path).split("/", 2)
        assert bucket == BUCKET
        return key

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _error(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode(), Content_Type="application/xml")

    def _is_signed(self) -> bool:
        signature = self.headers.get("Authorization", "")
        signed = f"Credential={ACCESS_KEY}/" in signature and "/eu-test-1/s3/" in signature
        if not signed:
            self._error(403, "InvalidAccessKeyId")
        return signed

    def do_PUT(self) -> None:
        # A server that is not Amazon's: it takes a body as it comes, without chunks of its own kind.
        assert "aws-chunked" not in self.headers.get("Content-Encoding", "")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_signed():
            return
        key = self._key()
        if any(key.endswith(name) for name in self.server.refused):
            self._error(507, "InsufficientStorage")
            return
        self.server.objects[key] = body
        self._answer(200, ETag='"1"')

    def do_HEAD(self) -> None:
        self._get()

    def do_GET(self) -> None:
        if "list-type" in self.path or "prefix=" in self.path:
            self._list()
        else:
            self._get()

    def do_DELETE(self) -> None:
        if self._is_signed():
            self.server.objects.pop(self._key(), None)
            self._answer(204)

    def _get(self) -> None:
        if not self._is_signed():
            return
        body = self.server.objects.get(self._key())
        if body is None:
            self._error(404, "NoSuchKey")
            return
        start, end = 0, len(body)
        if wanted := self.headers.get("Range"):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(len(body), int(last or len(body) - 1) + 1)
        self._answer(
            206 if wanted else 200,
            body[start:end],
            ETag='"1"',
            Last_Modified="Sun, 22 Nov 2026 00:00:00 GMT",
            Content_Range=f"bytes {start}-{end - 1}/{len(body)}",
        )

    def _list(self) -> None:
        if not self._is_signed():
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        entries: dict[str, str] = {}
        for key in sorted(self.server.objects):
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folder = escape(prefix + rest.partition(delimiter)[0] + delimiter)
                entries[folder] = f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"
            else:
                entries[key] = f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>"
        # Pages are short, so that a second one is asked for.
        marker = query.get("continuation-token", query.get("marker", ""))
        names = [name for name in entries if name > marker]
        page, more = names[:PAGE], len(names) > PAGE
        following = "".join(
            f"<NextContinuationToken>{last}</NextContinuationToken><NextMarker>{last}</NextMarker>"
            for last in page[-1:]
            if more
        )
        body = (
            f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{following}{''.join(entries[name] for name in page)}</ListBucketResult>"
        )
        self._answer(200, body.encode(), Content_Type="application/xml")


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A running server, gone afterwards."""
    server = S3Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
