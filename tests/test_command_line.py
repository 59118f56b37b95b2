"""`manage.py aijobs` beside a running CollabCanvas."""

import json
import uuid

from tests.people import Person, Rows
from tests.running import Running


def test_submitting_and_waiting_draws(running: Running, rows: Rows) -> None:
    done = running.manage("aijobs", "submit", "Draw: Order placed -> Packed -> Shipped", "--wait")
    assert done.returncode == 0
    job = rows.query(
        "SELECT id::text, status, canvas_id::text FROM ai_jobs_aijob"
        " WHERE request_data->>'instructions' = 'Draw: Order placed -> Packed -> Shipped'"
    )
    assert [row["status"] for row in job] == ["completed"]
    assert job[0]["id"] in done.stdout
    texts = [row["properties"].get("text") for row in rows.objects(job[0]["canvas_id"])]
    assert sorted(text for text in texts if text) == ["Order placed", "Packed", "Shipped"]


def test_a_drawing_can_be_put_on_a_canvas_and_read_by_a_script(
    running: Running, rows: Rows, canvas_id: str
) -> None:
    answer = running.manage(
        "aijobs", "submit", "One -> Two", "--canvas", canvas_id, "--user", "ben", "--wait", "--json"
    )
    job = json.loads(answer.stdout)
    assert (job["status"], job["canvas_id"], job["user_name"]) == ("completed", canvas_id, "ben")
    assert len(rows.objects(canvas_id)) == len(job["result_data"]["objects"])

    shown = json.loads(running.manage("aijobs", "show", job["id"][:8], "--json").stdout)
    assert [event["kind"] for event in shown["events"]] == ["submitted", "claimed", "completed"]


def test_what_is_not_understood_ends_with_1_and_says_why(running: Running) -> None:
    done = running.manage("aijobs", "submit", "hmm", "--wait", check=False)
    assert done.returncode == 1
    assert "The job failed:" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_one_may_not_see_ends_with_2(running: Running, canvas_id: str, cast: dict[str, Person]) -> None:
    for arguments in (
        ("submit", "A -> B", "--canvas", canvas_id, "--user", "sam"),
        ("submit", "A -> B", "--canvas", "nonsense"),
        ("submit", ""),
        ("submit", "A -> B", "--user", "nobody-of-that-name"),
        ("show", str(uuid.uuid4())),
    ):
        done = running.manage("aijobs", *arguments, check=False)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr
