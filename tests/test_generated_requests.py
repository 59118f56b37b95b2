"""Requests that nobody thought of, generated from the OpenAPI document: answered as documented, never with a 5xx."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.people import Person
from tests.running import Running
from tests.test_bad_input import ROUTES, Route, name

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = 15


@pytest.fixture(scope="module")
def document(running: Running) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{running.base_url}/api/schema")


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.path not in {"/api/schema", "/api/docs"}], ids=name
)
def test_generated_requests_are_answered_as_documented(
    document: BaseSchema, running: Running, cast: dict[str, Person], route: Route
) -> None:
    operation = document[route.path.partition("?")[0]][route.method]

    @seeded(826)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def send(case: Case[Any]) -> None:
        case.call_and_validate(base_url=running.base_url, headers=cast["sam"].bearer, checks=CHECKS)

    send()
