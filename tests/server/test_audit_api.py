"""Audit over the API: proof, events, the access log and its flood, exports, erasing by two."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hall.words import Role
from server.app import create_app
from server.audit.verifying import faults
from server.auth import create_token
from server.limits import Told
from server.tables.journal import access_log
from tests.server.test_audit import own_store
from tests.server.trial import SetClock, Trial

WORDS = "一句私人的话"


class Center:
    """One hall behind the app of one process, asked as any role."""

    def __init__(self, folder: Path) -> None:
        store = own_store("sqlite", folder)
        assert isinstance(store.clock, SetClock)
        self.trial = Trial.found(store, store.clock)
        self.app = create_app(store, secret_key="for tests", always_open=True, public_url=None)
        self._tokens: dict[tuple[Role, str], str] = {}

    def ask(self, role: Role | None, method: str, path: str, name: str = "", **body: Any) -> Any:
        client: FlaskClient = self.app.test_client()
        headers = {"Authorization": f"Bearer {self._token(role, name or role.value)}"} if role else {}
        url = f"/api/v1/halls/{self.trial.hall}/{path}"
        return client.open(url, method=method, headers=headers, json=body if method == "POST" else None)

    def _token(self, role: Role, name: str) -> str:
        if (role, name) not in self._tokens:
            store, hall = self.trial.store, self.trial.hall
            made = store.write(lambda c: create_token(c, hall, role, None, name, store.clock.now()))
            self._tokens[role, name] = made
        return self._tokens[role, name]

    def log(self, what: str) -> list[str]:
        wanted = select(access_log.c.detail).where(access_log.c.what == what).order_by(access_log.c.id)
        return list(self.trial.store.read(lambda connection: connection.execute(wanted).scalars().all()))


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    found = Center(tmp_path_factory.mktemp("center"))
    yield found
    assert found.trial.store.read(faults) == []
    found.trial.store.engine.dispose()


def test_a_verification_runs_beside_the_hall_and_its_result_is_kept(center: Center) -> None:
    center.trial.issue()
    begun = center.ask(Role.AUDITOR, "POST", "audit/verify")
    assert begun.status_code == 202 and begun.json["verification"]["state"] == "running"
    assert center.ask(Role.AUDITOR, "POST", "audit/verify").json["verification"] == begun.json["verification"]
    ends = time.monotonic() + 60
    while (found := center.ask(Role.AUDITOR, "GET", "audit").json)["verification"]["state"] == "running":
        assert time.monotonic() < ends
        time.sleep(0.2)
    assert found["verification"] | {"state": "whole", "faults": []} == found["verification"]
    assert found["seq"] == center.trial.seq and center.log("verified") == ["whole"]


def test_events_are_found_by_day_number_type_and_person(center: Center) -> None:
    ticket = center.trial.issue()
    center.trial.cancel(ticket["id"], center.trial.who(Role.DESK, "8001"), "went home")
    path = f"audit/events?number={ticket['number'].lower()}"
    found = center.ask(Role.AUDITOR, "GET", path).json
    assert [one["type"] for one in found["events"]][-1] == "ticket.cancelled" and not found["more"]
    by = center.ask(Role.AUDITOR, "GET", "audit/events?by=8001&type=ticket.cancelled&language=en").json["events"]
    assert [(one["number"], one["by"]) for one in by] == [(ticket["number"], "8001")]
    assert ticket["number"] in center.ask(Role.AUDITOR, "GET", f"{path}&form=csv").get_data(as_text=True)
    assert center.ask(Role.AUDITOR, "GET", "audit/events?day=2020-01-01").json == {"events": [], "more": False}
    first = center.ask(Role.AUDITOR, "GET", "audit/events?limit=1").json
    after = center.ask(Role.AUDITOR, "GET", f"audit/events?limit=1&after={first['events'][0]['seq']}").json
    assert first["more"] and after["events"][0]["seq"] == first["events"][0]["seq"] + 1


def test_the_access_log_is_read_filtered_and_taken_as_a_file(center: Center) -> None:
    for _ in range(3):
        assert center.ask(Role.CLERK, "GET", "access-log", name="3021").status_code == 403
    found = center.ask(Role.SECURITY_ADMIN, "GET", "access-log?what=refused&actor=302").json
    assert len(found["lines"]) == 3 and {one["name"] for one in found["lines"]} == {"3021"}
    assert "refused" in found["kinds"]
    page = center.ask(Role.AUDITOR, "GET", "access-log?what=refused&actor=302&limit=2").json
    rest = center.ask(Role.AUDITOR, "GET", f"access-log?what=refused&actor=302&after={page['lines'][-1]['id']}").json
    assert page["more"] and [one["id"] for one in page["lines"] + rest["lines"]] == [
        one["id"] for one in found["lines"]
    ]
    assert center.ask(Role.AUDITOR, "GET", "access-log?since=2030-01-01").json["lines"] == []
    assert "3021" in center.ask(Role.AUDITOR, "GET", "access-log?form=csv").get_data(as_text=True)
    assert center.log("exported")[-1].startswith(f"{center.trial.hall}-access-log.csv")


def test_a_flood_of_strangers_does_not_fill_the_log(center: Center) -> None:
    before = len(center.log("refused"))
    for _ in range(200):
        assert center.ask(None, "GET", "windows").status_code == 401
    assert len(center.log("refused")) - before <= 3


def test_what_was_left_out_is_told_and_somebody_known_is_not_hidden_by_strangers() -> None:
    told = Told()
    lines = [told.allows(None, f"route {n}", "no_token") for n in range(700)]
    assert lines.count("no_token") == 600 and lines[600:] == [None] * 100
    assert told.allows("t-1", "-", "own_matter") == "own_matter (+100)"
    assert told.allows("t-1", "-", "own_matter") == "own_matter"


def test_two_people_erase_and_the_journal_stays_whole(center: Center) -> None:
    trial = center.trial
    trial.open("w1")
    ticket = trial.issue()
    while trial.call_next("w1", finish="completed")["id"] != ticket["id"]:
        pass
    trial.serve("w1")
    trial.complete("w1", note=WORDS)
    assert WORDS not in str(trial.rows("journal")), "what is personal never stands in an event"
    body = {"what": "ticket", "named": ticket["number"], "day": ticket["day"], "reason": "the visitor asked"}
    assert center.ask(Role.SUPERVISOR, "POST", "erasures", what="ticket", named="A001", reason="-").status_code == 422
    assert center.ask(Role.SUPERVISOR, "POST", "erasures", **{**body, "named": "Z999"}).status_code == 404
    asked = center.ask(Role.SUPERVISOR, "POST", "erasures", name="1007", **body)
    assert asked.status_code == 201 and trial.ticket(ticket["id"])["note"] == WORDS
    key = asked.json["erasure"]["id"]
    assert center.ask(Role.SUPERVISOR, "POST", f"erasures/{key}/do").status_code == 403
    same = center.ask(Role.SECURITY_ADMIN, "POST", f"erasures/{key}/do", name="1007")
    assert (same.status_code, same.json["error"]["code"]) == (409, "same_person")
    before = trial.rows("journal")
    done = center.ask(Role.SECURITY_ADMIN, "POST", f"erasures/{key}/do", name="9002")
    assert done.status_code == 200 and done.json["erasure"]["done_by"] == "9002"
    assert center.ask(Role.SECURITY_ADMIN, "POST", f"erasures/{key}/do", name="9002").json == done.json
    assert trial.rows("journal") == before and WORDS not in str(trial.all_rows())
    assert len(center.log("erased")) == 1 and "asked by 1007" in center.log("erased")[0]
