"""Requests that nobody thought of, generated from the OpenAPI document: answered as documented, never with a 5xx.

Two ways: each address by itself, with what fits and what does not fit its part of the document; and schemathesis' own
runner with all its checks, which adds borders, lacking headers and methods that there are not, and goes from answer to
request (make, read, change, remove, ask for what is gone). `make fuzz` sends thousands (GENERATED_EXAMPLES per address,
SEED, and fails below GENERATED_AT_LEAST); the tests a few, always the same.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.people import Person
from tests.running import PROJECT, Running
from tests.test_bad_input import ROUTES, Route, name

# All checks of single requests; the tool's own runner has the others.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
    positive_data_acceptance,
    negative_data_rejection,
]
# What the document cannot say, so that the tool cannot know it.
SAID_IN_WORDS = {
    ("POST /api/jobs", GenerationMode.POSITIVE): "which fields there must be depends on the job type",
    ("POST /api/jobs/batch", GenerationMode.POSITIVE): "the same, for each of the jobs",
    ("GET /api/jobs", GenerationMode.POSITIVE): "a cursor is one that an earlier page gave",
    ("GET /api/jobs", GenerationMode.NEGATIVE): "a filter that is empty filters nothing",
}
# Half of them fit the document and half do not.
EXAMPLES = max(2, int(os.environ.get("GENERATED_EXAMPLES") or 15) // 2)
GENERATED = [route for route in ROUTES if route.path not in {"/api/schema", "/api/docs"}]
AT_LEAST = int(os.environ.get("GENERATED_AT_LEAST") or 300)
SEED = int(os.environ.get("SEED") or 826)


@pytest.fixture(scope="module")
def document(running: Running) -> BaseSchema:
    checks = {"negative_data_rejection": {"expected-statuses": ["4xx"]}}
    return schemathesis.openapi.from_url(
        f"{running.base_url}/api/schema",
        # NUL fits every text of the document and is refused in all of them.
        config=SchemathesisConfig.from_dict(
            {"generation": {"allow-x00": False}, "checks": checks, "request-timeout": 60}
        ),
    )


@pytest.fixture(scope="module")
def sent(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """How many requests each address has got; in the end there were enough of them."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"generated requests: {counted.total()} to {len(counted)} addresses, SEED={SEED}")  # noqa: T201  # the figure of `make fuzz`
    if len(counted) == len(GENERATED):
        assert counted.total() >= AT_LEAST


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", GENERATED, ids=name)
def test_generated_requests_are_answered_as_documented(
    document: BaseSchema,
    running: Running,
    cast: dict[str, Person],
    sent: Counter[str],
    route: Route,
    mode: GenerationMode,
) -> None:
    unfit = (
        {positive_data_acceptance, negative_data_rejection} if (name(route), mode) in SAID_IN_WORDS else set()
    )
    checks = [check for check in CHECKS if check not in unfit]
    operation = document[route.path.partition("?")[0]][route.method]

    @seeded(SEED)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        sent[name(route)] += 1
        case.call_and_validate(base_url=running.base_url, headers=cast["sam"].bearer, checks=checks)

    try:
        send()
    except Unsatisfiable:
        # An address that takes nothing: nothing can be wrong with it.
        assert mode is GenerationMode.NEGATIVE
        takes = [operation.body, operation.query, operation.path_parameters, operation.headers]
        assert not any(takes), takes


def test_requests_that_follow_from_answers_pass_all_checks(
    running: Running, cast: dict[str, Person], tmp_path: Path
) -> None:
    people = tmp_path / "people.json"
    people.write_text(
        json.dumps(
            {
                "auth": [
                    {"name": name, "fixedHeaders": [{"name": key, "value": value}]}
                    for name in ("sam", "vera")
                    for key, value in cast[name].bearer.items()
                ]
            }
        )
    )
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(PROJECT / "tests" / "schemathesis.toml"), "run"),
            *("--phases", "coverage,stateful", "--continue-on-failure"),
            *("--seed", str(SEED), "--max-examples", str(EXAMPLES), "--warnings", "off"),
            f"{running.base_url}/api/schema",
        ],
        cwd=tmp_path,
        env={**os.environ, "PEOPLE": str(people)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (generated,) = re.findall(r"(\d+) generated", done.stdout)
    print(f"requests of borders and sequences: {generated}, SEED={SEED}")  # noqa: T201  # the figure of `make fuzz`
    assert int(generated) > 1000
