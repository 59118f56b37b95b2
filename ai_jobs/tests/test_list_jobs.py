"""Lists of jobs, which pages ask for again and again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai_jobs.consumers import _jobs_snapshot
from ai_jobs.tests import factories as make
from canvases.tests.factories import client_of


@pytest.mark.django_db
def test_lists_tell_how_much_a_job_drew_and_one_job_tells_what():
    ada = make.make_user("ada")
    canvas = make.make_canvas(ada)
    job = make.submit(ada, canvas=canvas)
    assert make.complete(make.claim_one(job), canvas=canvas)
    whole = make.result(canvas)
    brief = {name: value for name, value in whole.items() if name != "objects"}
    brief["object_count"] = len(whole["objects"])
    client = client_of(ada)

    for path in ("/api/jobs", f"/api/canvases/{canvas.pk}/jobs"):
        (listed,) = client.get(path).json()["results"]
        assert listed["result_data"] == brief
    assert client.get(f"/api/jobs/{job.pk}").json()["result_data"] == whole
    assert client.get(f"/api/jobs/{job.pk}/result").json() == whole
    # What published clients read stays complete.
    (published,) = client.get("/api/ai-agent/jobs").json()["jobs"]
    assert published["result_data"] == whole


@pytest.mark.django_db
def test_no_list_reads_whole_drawings_to_count_them(canvas, owner):
    make.complete(make.claim_one(make.submit(owner, canvas=canvas)), canvas=canvas)
    client = client_of(owner)
    with CaptureQueriesContext(connection) as seen:
        for path in ("/api/jobs", f"/api/canvases/{canvas.pk}/jobs"):
            assert client.get(path).json()["results"][0]["result_data"]["object_count"] == 2
        assert _jobs_snapshot(user=owner)["jobs"][0]["result_data"]["object_count"] == 2
    reading = {query["sql"].strip().partition("\n")[0] for query in seen if "result_data" in query["sql"]}
    assert [sql for sql in reading if "result_data - 'objects'" not in sql] == []


@pytest.mark.django_db
def test_a_job_without_a_result_has_none_in_lists_too():
    ada = make.make_user("ada")
    make.submit(ada, canvas=make.make_canvas(ada))
    (listed,) = client_of(ada).get("/api/jobs").json()["results"]
    assert listed["result_data"] is None
