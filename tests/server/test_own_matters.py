"""Every way in which a unit could withdraw, hide, suspend, empty or exempt its own matter: refused and recorded.

The ways are listed in docs/decisions/0021-what-should-be-in.md.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hall.layout import PARTS
from hall.layout.rules import Order
from hall.words import Role
from server.actions import arranging, consulting, lending, messages, ordering, registering, suspending, windows
from server.actions.drafting import with_part, without
from server.app import create_app
from server.auth import create_token
from server.command import Done, Tx
from server.people import Principal
from server.tables.journal import access_log
from tests.server.test_audit import own_store
from tests.server.test_register import LINES, MATTERS, UNITS
from tests.server.trial import SetClock, Trial, refused

APPROVAL = {"document_number": "1", "decided_on": "2026-11-20", "review_due": "2027-11-20"}
DOCUMENT = registering.Document("1", date(2026, 11, 20), date(2027, 11, 20))


class Center:
    """One hall behind the app of one process; `v` has a matter proposed, another under consultation."""

    def __init__(self, folder: Path) -> None:
        store = own_store("sqlite", folder)
        assert isinstance(store.clock, SetClock)
        self.trial = Trial.found(store, store.clock, units=UNITS, matters=MATTERS, lines=LINES)
        self.app = create_app(store, secret_key="for tests", always_open=True, public_url=None)
        self.government = self.trial.who(Role.GOVERNMENT, "gov")
        supervisor = self.trial.supervisor
        head = self.who(Role.UNIT_HEAD)
        self.trial.run(supervisor, lambda tx: registering.enter_hall(tx, supervisor, "customs", "进厅"))
        self.exemption = self.propose(head, "customs")
        opened = self.trial.run(supervisor, lambda tx: consulting.open_consultation(tx, supervisor, "lost", "商请"))
        self.consultation = opened["consultation"]

    def propose(self, by: Principal, matter: str) -> str:
        answer = self.trial.run(by, lambda tx: registering.propose_exemption(tx, by, matter, "exempt", "x"))
        return str(answer["exemption"])

    def who(self, role: Role) -> Principal:
        return self.trial.who(role, f"{role}-of-v", "v")

    def ask(self, role: Role, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        trial = self.trial
        token = trial.store.write(
            lambda c: create_token(c, trial.hall, role, None, f"{role}-of-v", trial.clock.at, unit="v")
        )
        url = f"/api/v1/halls/{trial.hall}/{path}"
        return self.app.test_client().open(
            url, method=method, headers={"Authorization": f"Bearer {token}"}, json=body if method == "POST" else None
        )

    def recorded(self) -> list[tuple[str, str]]:
        wanted = select(access_log.c.name, access_log.c.detail).where(access_log.c.what == "refused")
        found = self.trial.store.read(lambda connection: connection.execute(wanted.order_by(access_log.c.id)).all())
        return [(row.name, row.detail) for row in found]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    found = Center(tmp_path_factory.mktemp("own"))
    yield found
    found.trial.store.engine.dispose()


Way = tuple[Callable[[Tx, Principal, Center], Done], str, dict[str, Any]]


def until(center: Center) -> Any:
    return center.trial.clock.at + timedelta(hours=1)


RANKS = {"w9": {"left": 2, "right": 1}}
CLOCK = "23:00"
WAYS: dict[str, Way] = {
    "approve its own exemption": (
        lambda tx, by, of: registering.approve_exemption(tx, by, of.exemption, DOCUMENT),
        "register/exemptions/{exemption}/approve",
        APPROVAL,
    ),
    "reject the proposal so that another may be made": (
        lambda tx, by, of: registering.reject_exemption(tx, by, of.exemption, "x"),
        "register/exemptions/{exemption}/reject",
        {"reason": "x"},
    ),
    "take a matter that should be in out of the percentage": (
        lambda tx, by, of: consulting.open_consultation(tx, by, "lost", "x"),
        "register/consultations",
        {"matter": "lost", "reason": "x"},
    ),
    "give its consultation up": (
        lambda tx, by, of: consulting.withdraw_consultation(tx, by, of.consultation, "x"),
        "register/consultations/{consultation}/withdraw",
        {"reason": "x"},
    ),
    "suspend its line": (
        lambda tx, by, of: suspending.suspend_line(tx, by, suspending.Suspending("left", "x", until(of))),
        "lines/left/suspend",
        {"reason": "x", "until": CLOCK, "move_to": None},
    ),
    "lend its window away": (
        lambda tx, by, of: lending.lend_line(tx, by, lending.Loan("w1", "left", 1, until(of), "x")),
        "windows/w1/lines",
        {"line": "left", "rank": 1, "until": CLOCK, "reason": "x"},
    ),
    "take back a line that a window was lent": (
        lambda tx, by, of: lending.take_back(tx, by, "w9", "left", "x"),
        "windows/w9/lines/left/return",
        {"reason": "x"},
    ),
    "rank its line behind the others": (
        lambda tx, by, of: ordering.change_order(tx, by, Order(), RANKS, "x"),
        "order",
        {"order": {}, "ranks": RANKS, "reason": "x"},
    ),
    "say on every board that it is closed": (
        lambda tx, by, of: messages.set_message(tx, by, {"en": "closed today"}, None),
        "message",
        {"text": {"en": "closed today"}},
    ),
    "shut its window for the day": (
        lambda tx, by, of: windows.close_window(tx, by, "w9", None, False),
        "windows/w9/close",
        {},
    ),
    "pause its window": (
        lambda tx, by, of: windows.pause_window(tx, by, "w9", None, None, False),
        "windows/w9/pause",
        {},
    ),
}
"""A clerk of the unit may do the last two: it is the day's work, and the last window of a line is warned before."""
CUSTOMS = {"name": {"zh-CN": "报关"}, "unit": "v", "category": "licence", "line": "left", "entry": "in_hall"}
LEFT = {"name": {"zh-CN": "左"}, "prefix": "L"}
W9 = {"name": "9", "zone": "b", "lines": {"left": 1, "right": 1}}


def arranged(part: str, key: str, before: dict[str, Any], **fields: Any) -> Way:
    """A part of the catalogue written otherwise."""
    was, now = (PARTS[part].model_validate({"id": key, **some}) for some in (before, {**before, **fields}))
    body = {"value": {**before, **fields}, "before": before, "reason": "x"}
    change = arranging.change_layout
    return lambda tx, by, of: change(tx, by, with_part(part, now, was), "x"), f"layout/{part}/{key}", body


def closed(part: str, key: str) -> Way:
    change = arranging.change_layout
    path = f"layout/{part}/{key}/close"
    return lambda tx, by, of: change(tx, by, without(part, key), "x"), path, {"reason": "x"}


WAYS |= {
    "close its matter": closed("matters", "customs"),
    "close its window": closed("windows", "w9"),
    "give its matter to another unit": arranged("matters", "customs", CUSTOMS, unit="u"),
    "give its matter a line without a window": arranged("matters", "customs", CUSTOMS, line="lost"),
    "write its matter out of the hall": arranged("matters", "customs", CUSTOMS, entry="exempt"),
    "take its line from its window": arranged("windows", "w9", W9, lines={"right": 1}),
    "leave its line no hours": arranged("lines", "left", LEFT, issuing=[]),
    "leave its line no numbers": arranged("lines", "left", LEFT, daily_quota=1),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_units_head_is_refused_as_the_action_itself(center: Center, way: str) -> None:
    action, _, _ = WAYS[way]
    before, by = center.trial.all_rows(), center.who(Role.UNIT_HEAD)
    assert refused(lambda: center.trial.run(by, lambda tx: action(tx, by, center))).code == "own_matter"
    assert center.trial.all_rows() == before


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.GOVERNMENT])
@pytest.mark.parametrize("way", WAYS)
def test_so_is_whoever_the_unit_has_stationed_whatever_the_role(center: Center, way: str, role: Role) -> None:
    action, _, _ = WAYS[way]
    before, by = center.trial.all_rows(), center.who(role)
    assert refused(lambda: center.trial.run(by, lambda tx: action(tx, by, center))).code == "own_matter"
    assert center.trial.all_rows() == before


@pytest.mark.parametrize("way", WAYS)
def test_the_api_answers_403_and_the_access_log_names_who_tried(center: Center, way: str) -> None:
    _, path, body = WAYS[way]
    path = path.format(exemption=center.exemption, consultation=center.consultation)
    before = center.trial.all_rows()
    answer = center.ask(Role.UNIT_HEAD, path, body)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "not_allowed")
    name, detail = center.recorded()[-1]
    assert name == "unit_head-of-v" and f"POST /api/v1/halls/{center.trial.hall}/{path}" in detail
    assert center.trial.all_rows() == before


STATIONED = [way for way in WAYS if "exemption" not in way and "proposal" not in way]


@pytest.mark.parametrize("way", STATIONED)
def test_the_api_refuses_a_supervisor_of_the_unit_by_what_it_would_do(center: Center, way: str) -> None:
    _, path, body = WAYS[way]
    path = path.format(exemption=center.exemption, consultation=center.consultation)
    answer = center.ask(Role.SUPERVISOR, path, body)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "own_matter"), answer.json
    name, detail = center.recorded()[-1]
    assert name == "supervisor-of-v" and detail.startswith("own_matter ")


def test_one_unit_gives_both_signatures_in_no_way(center: Center) -> None:
    path = f"register/consultations/{center.consultation}/sign"
    assert center.ask(Role.UNIT_HEAD, path, {}).json["signed"] == {"unit": True, "center": False}
    answer = center.ask(Role.SUPERVISOR, path, {})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "own_matter")
    assert "own_matter sign_consultation" in center.recorded()[-1][1]


def test_who_proposed_an_exemption_does_not_approve_it_in_another_role(center: Center) -> None:
    by, before = center.trial.who(Role.GOVERNMENT, center.who(Role.UNIT_HEAD).name), center.trial.all_rows()
    approve, _, _ = WAYS["approve its own exemption"]
    assert refused(lambda: center.trial.run(by, lambda tx: approve(tx, by, center))).code == "own_matter"
    assert center.trial.all_rows() == before


def test_a_unit_proposes_for_no_other(center: Center) -> None:
    answer = center.ask(Role.UNIT_HEAD, "register/exemptions", {"matter": "invoice", "kind": "exempt", "reason": "x"})
    assert answer.status_code == 403
    assert "register/exemptions" in center.recorded()[-1][1]


def test_a_unit_reads_its_own_matters_and_their_files(center: Center) -> None:
    units = center.ask(Role.UNIT_HEAD, "register", method="GET").json["units"]
    assert [one["id"] for one in units] == ["v"]
    found = center.ask(Role.UNIT_HEAD, "register/matters?limit=1", method="GET").json
    assert [one["id"] for one in found["matters"]] == ["customs"] and found["after"] == "customs"
    rest = center.ask(Role.UNIT_HEAD, "register/matters?after=customs", method="GET").json
    assert [one["id"] for one in rest["matters"]] == ["lost"] and rest["after"] is None
    file = center.ask(Role.UNIT_HEAD, "register/matters?form=csv&language=en", method="GET")
    lines = file.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[1].split(",")[:4] == ["海关", "报关", "customs", "In the hall"]
    book = center.ask(Role.AUDITOR, "register/matters?form=xlsx", method="GET")
    assert book.status_code == 200 and book.get_data()[:2] == b"PK"


def test_the_government_decides_over_the_api_and_the_check_is_asked_for(center: Center) -> None:
    trial = center.trial
    trial.run(center.government, lambda tx: registering.reject_exemption(tx, center.government, center.exemption, "x"))
    center.exemption = center.propose(center.who(Role.UNIT_HEAD), "customs")
    token = trial.store.write(lambda c: create_token(c, trial.hall, Role.GOVERNMENT, None, "gov", trial.clock.at))
    path = f"/api/v1/halls/{trial.hall}/register"
    client, headers = center.app.test_client(), {"Authorization": f"Bearer {token}"}
    wrong = client.post(f"{path}/exemptions/{center.exemption}/approve", json={"reason": "x"}, headers=headers)
    assert wrong.status_code == 422
    approved = client.post(f"{path}/exemptions/{center.exemption}/approve", json=APPROVAL, headers=headers)
    assert approved.json == {"exemption": center.exemption, "status": "approved"}
    checked = client.post(f"{path}/check", json={}, headers=headers).json
    assert (checked["count"], checked["is_in"]) == (0, 2)
    assert trial.faults() == []
