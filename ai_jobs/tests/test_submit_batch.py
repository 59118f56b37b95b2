"""Many jobs in one request: all or none, with one progress."""

import pytest
from rest_framework.test import APIClient

from ai_jobs import services
from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.tests import factories as make

pytestmark = pytest.mark.django_db


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user, jobs, **headers):
    return client_of(user).post("/api/jobs/batch", {"jobs": jobs}, format="json", headers=headers)


def drawing(text="A -> B", **body):
    return {"job_type": "create_canvas", "instructions": text, **body}


def test_all_jobs_are_queued_in_the_order_given(owner, canvas):
    on_canvas = {"job_type": "modify_canvas", "instructions": "C", "canvas_id": str(canvas.pk), "priority": 3}
    answer = post(owner, [drawing("A"), drawing("B"), on_canvas])
    assert answer.status_code == 201
    batch = answer.json()
    assert [job["request_data"]["instructions"] for job in batch["jobs"]] == ["A", "B", "C"]
    assert [job["priority"] for job in batch["jobs"]] == [0, 0, 3]
    assert {job["batch_id"] for job in batch["jobs"]} == {batch["id"]}
    assert (batch["total"], batch["progress"], batch["is_over"]) == (3, 0, False)
    assert batch["counts"] == {"queued": 3, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0}
    assert AIJobEvent.objects.filter(kind="submitted").count() == 3


def test_one_progress_counts_what_is_over_as_done(owner):
    batch = post(owner, [drawing() for _ in range(4)]).json()
    first, second = make.claim(2)
    make.complete(first)
    services.cancel_job(user=owner, job_id=second.row.id)
    seen = client_of(owner).get(f"/api/jobs/batch/{batch['id']}").json()
    assert seen["progress"] == 50
    assert (seen["counts"]["completed"], seen["counts"]["cancelled"], seen["is_over"]) == (1, 1, False)
    for claimed in make.claim(2):
        make.complete(claimed)
    seen = client_of(owner).get(f"/api/jobs/batch/{batch['id']}").json()
    assert (seen["progress"], seen["is_over"]) == (100, True)


def test_one_wrong_job_and_none_is_queued(owner):
    answer = post(owner, [drawing(), drawing(" "), drawing()])
    assert answer.status_code == 400
    assert "jobs.1.instructions" in answer.json()["details"]
    assert not AIJob.objects.exists()


@pytest.mark.parametrize("jobs", [None, [], {}, "x", [drawing() for _ in range(101)], [3], [{"job_type": 3}]])
def test_what_is_no_list_of_jobs_is_refused(owner, jobs):
    assert post(owner, jobs).status_code == 400
    assert not AIJob.objects.exists()


def test_a_body_that_is_no_object_is_refused(owner):
    assert client_of(owner).post("/api/jobs/batch", [1], format="json").status_code == 400


def test_a_hundred_jobs_are_taken(owner):
    assert post(owner, [drawing(f"job {number}") for number in range(100)]).json()["total"] == 100


def test_a_canvas_that_one_may_not_edit_refuses_all(viewer, stranger, canvas):
    on_canvas = {"job_type": "modify_canvas", "instructions": "C", "canvas_id": str(canvas.pk)}
    assert post(viewer, [drawing(), on_canvas]).status_code == 403
    assert post(stranger, [drawing(), on_canvas]).status_code == 404
    assert not AIJob.objects.exists()


def test_a_stranger_and_nonsense_find_nothing(owner, stranger, operator):
    batch = post(owner, [drawing()]).json()
    path = f"/api/jobs/batch/{batch['id']}"
    assert client_of(stranger).get(path).status_code == 404
    assert client_of(owner).get("/api/jobs/batch/nonsense").status_code == 404
    assert client_of(operator).get(path).status_code == 200
    assert APIClient().get(path).status_code == 401


def test_the_same_key_gives_the_same_batch(owner):
    key = {"Idempotency-Key": "monday"}
    first, again = (post(owner, [drawing(), drawing()], **key).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert AIJob.objects.count() == 2
    services.submit_job(
        user=owner, job_type="create_canvas", body={"instructions": "A"}, idempotency_key="one"
    )
    assert post(owner, [drawing()], **{"Idempotency-Key": "one"}).status_code == 409


@pytest.mark.parametrize("path", ["/api/jobs", "/api/ai-agent/create-canvas"])
def test_the_key_of_a_batch_is_refused_for_a_single_job(owner, path):
    key = {"Idempotency-Key": "monday"}
    post(owner, [drawing(), drawing()], **key)
    answer = client_of(owner).post(path, drawing("three"), format="json", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_used")
    assert AIJob.objects.count() == 2


def test_a_batch_whose_jobs_are_deleted_one_by_one_is_not_made_anew_while_any_is_left(owner):
    key = {"Idempotency-Key": "monday"}
    batch = post(owner, [drawing(), drawing(), drawing()], **key).json()
    ids = [job["id"] for job in batch["jobs"]]
    for deleted in range(2):
        services.cancel_job(user=owner, job_id=ids[deleted])
        services.delete_job(user=owner, job_id=ids[deleted])
        again = post(owner, [drawing(), drawing(), drawing()], **key).json()
        assert (again["id"], [job["id"] for job in again["jobs"]]) == (batch["id"], ids[deleted + 1 :])
    services.cancel_job(user=owner, job_id=ids[2])
    services.delete_job(user=owner, job_id=ids[2])
    assert post(owner, [drawing()], **key).json()["id"] != batch["id"]


def test_switched_off_is_503(owner, settings):
    settings.AI_JOBS_ENABLED = False
    assert post(owner, [drawing()]).status_code == 503
