"""Requests that nobody thought of, generated from the OpenAPI document: answered as documented, never with a 5xx.

`make fuzz` sends thousands (GENERATED_EXAMPLES per address, and fails below GENERATED_AT_LEAST); the tests a few.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.people import Person
from tests.running import Running
from tests.test_bad_input import ROUTES, Route, name

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES") or 15)
GENERATED = [route for route in ROUTES if route.path not in {"/api/schema", "/api/docs"}]
AT_LEAST = int(os.environ.get("GENERATED_AT_LEAST") or 300)


@pytest.fixture(scope="module")
def document(running: Running) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{running.base_url}/api/schema")


@pytest.fixture(scope="module")
def sent(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """How many requests each address has got; in the end there were enough of them."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"generated requests: {counted.total()} to {len(counted)} addresses")  # noqa: T201  # the figure of `make fuzz`
    if len(counted) == len(GENERATED):
        assert counted.total() >= AT_LEAST


@pytest.mark.parametrize("route", GENERATED, ids=name)
def test_generated_requests_are_answered_as_documented(
    document: BaseSchema, running: Running, cast: dict[str, Person], sent: Counter[str], route: Route
) -> None:
    operation = document[route.path.partition("?")[0]][route.method]

    @seeded(826)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def send(case: Case[Any]) -> None:
        sent[name(route)] += 1
        case.call_and_validate(base_url=running.base_url, headers=cast["sam"].bearer, checks=CHECKS)

    send()
