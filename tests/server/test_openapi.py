"""Whether the OpenAPI description is true: Schemathesis asks every operation, at the running server."""

import itertools
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from tests.server.served import Home, Served

# Else another worker would look whether a hall that nobody asked is whole.
pytestmark = pytest.mark.xdist_group("openapi")

load_all_checks()

EXAMPLES = 8
TRUE = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "ignored_auth",
        "missing_required_header",
    )
]
KIOSK_PATHS = ("/slips/{slip}", "/bands", "/tickets/offline")


@pytest.fixture(scope="session")
def asked(served: Served) -> Home:
    return served.home()


@pytest.fixture(scope="session")
def described(served: Served) -> Any:
    return schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json")


turn = itertools.count()


def known_things(home: Home) -> dict[str, str]:
    """Keys that exist, so that not every path ends at 404."""
    listed = home.get("tickets", "supervisor", limit=500).json()["tickets"]
    slips = home.get("slips", "kiosk").json()["slips"]
    things = {"hall": home.hall, "window": ("w1", "w2", "w9")[next(turn) % 3]}
    if listed:
        things["ticket"] = listed[next(turn) % len(listed)]["id"]
    if slips:
        things["slip"] = slips[next(turn) % len(slips)]["id"]
    return things


def ask(case: Any, home: Home) -> None:
    """Three of four times in a hall that exists, with the token of who may."""
    if next(turn) % 4:
        for name, key in known_things(home).items():
            if name in case.path_parameters:
                case.path_parameters[name] = key
    if next(turn) % 5 == 0 and case.method == "POST" and "windows" in case.path:
        home.issue("tax")
        home.act("w1", "open", "supervisor", take_over=True)
    role = "kiosk" if case.path.endswith(KIOSK_PATHS) else "supervisor"
    case.call_and_validate(headers={"Authorization": f"Bearer {home.token(role)}"}, checks=TRUE, timeout=20)


def wrong(operation: Any, home: Home) -> str:
    """What is not as described in one operation's answers; empty where all is."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy())
    def every(case: Any) -> None:
        ask(case, home)

    try:
        every()
    except (Exception, FailureGroup) as error:  # each operation is asked, whatever the one before has answered
        return f"{operation.label}: {error!r:.2000}"
    return ""


def test_every_operation_answers_as_described(described: Any, asked: Home) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) >= 28
    assert [fault for operation in operations if (fault := wrong(operation, asked))] == []


def test_the_description_names_every_route_and_its_token(served: Served, calm: Home) -> None:
    told = calm.ask("GET", "/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    operations = [(path, method, one) for path, item in told["paths"].items() for method, one in item.items()]
    assert len(operations) >= 28
    for path, method, one in operations:
        assert one["summary"], (method, path)
        public = one.get("security") == [{}] or path in ("/api/v1/session",)
        assert one.get("security") or public, (method, path)


def test_after_all_that_the_hall_is_whole(served: Served) -> None:
    from server.audit.verifying import faults

    assert served.store.read(faults) == []
