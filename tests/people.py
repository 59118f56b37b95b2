"""The cast of the whole-system tests: people who speak HTTP with a running CollabCanvas, as a browser would."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg2
import psycopg2.extras

from canvases.demo import PASSWORD
from tests.running import wait_until

CAST = ("ada", "ben", "vera", "sam")
# ada and ben come with the demo; the others are made the same way, and everybody gets a token.
MAKE_CAST = f"""
import json
from django.contrib.auth.models import User
from knox.models import AuthToken
tokens = {{}}
for name in {CAST!r}:
    user, is_new = User.objects.get_or_create(username=name, defaults={{"email": f"{{name}}@example.org"}})
    if is_new:
        user.set_password({PASSWORD!r})
        user.save()
    tokens[name] = [user.pk, AuthToken.objects.create(user)[1]]
print("CAST " + json.dumps(tokens))
"""


class Person:
    """Somebody with an account: `http` carries the session of a browser, `bearer` the headers of a program."""

    def __init__(self, *, base_url: str, name: str, user_id: int, token: str) -> None:
        self.name = name
        self.user_id = user_id
        self.token = token
        self.bearer = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=base_url, timeout=60)

    def sign_in(self) -> None:
        """`http` has a session; further requests carry its CSRF token."""
        self.http.get("/api/session")
        answer = self.http.post(
            "/api/session", json={"username": self.name, "password": PASSWORD}, headers=self._csrf()
        )
        assert answer.status_code == 200, answer.text
        self.http.headers.update(self._csrf())

    def _csrf(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies["csrftoken"]}

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """The JSON answer of one call that went as expected; None when it has no body."""
        answer = self.http.request(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def make_canvas(self, title: str) -> str:
        """The id of a new canvas of this person."""
        canvas_id: str = self.call("POST", "/api/canvases", {"title": title}, expect=201)["id"]
        return canvas_id

    def share(self, canvas_id: str, *, with_person: "Person", role: str) -> None:
        """The other one is a member: invited here, accepted there."""
        invitation = self.call(
            "POST",
            f"/api/canvases/{canvas_id}/invitations",
            {"email": f"{with_person.name}@example.org", "role": role},
            expect=201,
        )
        token = invitation["url"].rpartition("/")[2]
        with_person.call("POST", f"/api/invitations/{token}/accept")

    def ask(self, instructions: str, *, canvas_id: str | None = None) -> str:
        """The id of a new job."""
        body = {"instructions": instructions}
        path = "/api/ai-agent/create-canvas"
        if canvas_id is not None:
            path, body = "/api/ai-agent/modify-canvas", {**body, "canvas_id": canvas_id}
        job_id: str = self.call("POST", path, body, expect=202)["job_id"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as the published API tells it."""
        job: dict[str, Any] = self.call("GET", f"/api/ai-agent/job/{job_id}/status")["job"]
        return job

    def wait_for_job(self, job_id: str, status: str = "completed", *, seconds: float = 90) -> dict[str, Any]:
        """The job, once it has this status."""
        wait_until(lambda: self.job(job_id)["status"] == status, f"job {job_id} is {status}", seconds=seconds)
        return self.job(job_id)


def assemble(*, base_url: str, made: str) -> dict[str, Person]:
    """The cast, from what `MAKE_CAST` has printed."""
    line = next(line for line in made.splitlines() if line.startswith("CAST "))
    known = json.loads(line.removeprefix("CAST "))
    people = {
        name: Person(base_url=base_url, name=name, user_id=user_id, token=token)
        for name, (user_id, token) in known.items()
    }
    for person in people.values():
        person.sign_in()
    return people


class Rows:
    """The database beside everything that we have built: read with plain SQL."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def close(self) -> None:
        self._connection.close()

    def query(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """The rows, as dictionaries."""
        with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, parameters)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []

    def objects(self, canvas_id: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        """The objects of a canvas, live ones or tombstones, in drawing order."""
        return self.query(
            "SELECT object_id, object_type, version, version_nonce, index, job_id::text, properties,"
            " created_by_id, updated_by_id FROM canvases_canvasobject"
            " WHERE canvas_id = %s AND is_deleted = %s ORDER BY index, object_id",
            canvas_id,
            deleted,
        )


@contextmanager
def rows_of(url: str) -> Iterator[Rows]:
    """`Rows` on this database, closed at the end."""
    rows = Rows(url)
    try:
        yield rows
    finally:
        rows.close()
