"""What should be in the hall: who decides it, what the decision does, and what the check at a day's end finds."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from hall.words import Role
from server import queries
from server.actions import consulting, registering
from server.actions.lending import Loan, lend_line
from server.actions.registering import Document
from server.actions.suspending import Suspending, suspend_line
from server.audit.auditing import Searched, found_events
from server.audit.verifying import hall_faults
from server.center.register import matter_rows, overview
from server.people import Principal
from tests.server.test_races import Act, together
from tests.server.trial import SetClock, Store, Trial, refused

UNITS = [
    {"id": "u", "name": "税务局"},
    {"id": "v", "name": "海关", "kind": "vertical"},
    {"id": "empty", "name": "档案局"},
]
MATTERS = [
    {"id": "invoice", "name": "发票领用", "unit": "u", "category": "licence", "line": "tax"},
    {"id": "pension", "name": "养老金", "unit": "u", "category": "licence", "line": "social"},
    {"id": "refund", "name": "退税", "unit": "u", "category": "licence", "line": "tax", "entry": "pending"},
    {"id": "customs", "name": "报关", "unit": "v", "category": "licence", "line": "left", "entry": "pending"},
    {"id": "lost", "name": "无窗口事项", "unit": "v", "category": "licence", "line": "lost", "entry": "pending"},
]
LINES = [
    {"id": "tax", "name": "税务", "prefix": "A"},
    {"id": "social", "name": "社保", "prefix": "B"},
    {"id": "fund", "name": "公积金", "prefix": "C"},
    {"id": "left", "name": "左", "prefix": "L"},
    {"id": "right", "name": "右", "prefix": "R"},
    {"id": "guide", "name": "导办", "prefix": "G"},
    {"id": "lost", "name": "无窗口", "prefix": "N"},
]
DOCUMENT = Document("滨政函〔2026〕18号", date(2026, 11, 20), date(2027, 11, 20))
HEAD, SUPERVISOR, ADMIN, GOVERNMENT = Role.UNIT_HEAD, Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.GOVERNMENT


@pytest.fixture
def trial(store: Store) -> Trial:
    clock = store.clock
    assert isinstance(clock, SetClock)
    clock.set("2026-11-23T09:00:00+08:00")
    return Trial.found(store, clock, units=UNITS, matters=MATTERS, lines=LINES)


def verified(trial: Trial) -> None:
    assert trial.store.read(partial(hall_faults, hall=trial.hall)) == []


def person(trial: Trial, role: Role, unit: str | None = None) -> Principal:
    return trial.who(role, f"{role}-{unit or 'center'}", unit)


def do(trial: Trial, by: Principal, action: Any, *given: Any) -> dict[str, Any]:
    return dict(trial.run(by, lambda tx: action(tx, by, *given)))


def propose(trial: Trial, matter: str = "invoice", by: Principal | None = None, kind: str = "exempt") -> str:
    head = by or person(trial, HEAD, "u")
    return str(do(trial, head, registering.propose_exemption, matter, kind, "涉密")["exemption"])


def approve(trial: Trial, exemption: str, document: Document = DOCUMENT) -> dict[str, Any]:
    return do(trial, person(trial, GOVERNMENT), registering.approve_exemption, exemption, document)


def consult(trial: Trial, matter: str = "customs") -> str:
    answer = do(trial, person(trial, SUPERVISOR), consulting.open_consultation, matter, "商请进厅")
    return str(answer["consultation"])


def entry(trial: Trial, matter: str) -> str:
    return str(next(row["entry"] for row in trial.rows("matters") if row["id"] == matter))


def in_catalogue(trial: Trial) -> set[str]:
    read = partial(queries.catalogue, hall=trial.hall, language="en", now=trial.clock.at, always_open=False)
    return {one["id"] for one in trial.store.read(partial(read, public_url=None))["matters"]}


def seen(trial: Trial, unit: str | None = None) -> dict[str, Any]:
    def read(connection: Any) -> dict[str, Any]:
        layout = queries.known_layout(connection, trial.hall)
        return overview(connection, layout, trial.clock.at.date(), unit, "zh-CN")

    return trial.store.read(read)


def record(trial: Trial, matter: str) -> dict[str, Any]:
    def read(connection: Any) -> dict[str, Any]:
        layout = queries.known_layout(connection, trial.hall)
        rows = matter_rows(connection, layout, trial.clock.at.date(), "zh-CN")
        return next(row for row in rows if row["id"] == matter)

    return trial.store.read(read)


def found(trial: Trial) -> list[tuple[str, str]]:
    answer = do(trial, person(trial, SUPERVISOR), lambda tx, by: registering.check_register(tx, by))
    return [(one["kind"], one["matter"]) for one in answer["findings"]]


def test_a_unit_proposes_the_government_approves_and_the_matter_leaves_the_catalogue(trial: Trial) -> None:
    exemption = propose(trial)
    assert entry(trial, "invoice") == "in_hall" and "invoice" in in_catalogue(trial)
    approve(trial, exemption)
    assert entry(trial, "invoice") == "exempt" and "invoice" not in in_catalogue(trial)
    proposed, approved, entered = trial.events()
    assert (proposed["type"], proposed["data"]["by"], proposed["data"]["reason"]) == (
        "exemption.proposed",
        "unit_head-u",
        "涉密",
    )
    assert (approved["type"], approved["data"]["document_number"]) == ("exemption.approved", DOCUMENT.number)
    assert (entered["type"], entered["data"]["was"], entered["data"]["entry"]) == (
        "matter.entered",
        "in_hall",
        "exempt",
    )
    assert record(trial, "invoice")["exemption"]["review_due"] == "2027-11-20"
    assert trial.faults() == []
    verified(trial)


def test_no_number_is_given_for_a_matter_that_is_not_in_the_hall(trial: Trial) -> None:
    waiting = trial.issue(None, matter="invoice")
    approve(trial, propose(trial))
    assert refused(lambda: trial.issue(None, matter="invoice")).details["reason"] == "not_in_hall"
    trial.open("w1")
    assert trial.call_next("w1")["number"] == waiting["number"]  # who has one is served


def test_a_rejected_proposal_changes_nothing_and_says_why(trial: Trial) -> None:
    exemption, government = propose(trial), person(trial, GOVERNMENT)
    do(trial, government, registering.reject_exemption, exemption, "不涉密")
    assert entry(trial, "invoice") == "in_hall"
    assert trial.events()[-1]["data"] | {"type": trial.types()[-1]} == {
        "type": "exemption.rejected",
        "matter": "invoice",
        "unit": "u",
        "exemption": exemption,
        "kind": "exempt",
        "reason": "不涉密",
        "by": "government-center",
    }
    assert refused(lambda: approve(trial, exemption)).code == "register_moved"
    propose(trial)  # once more, with better reasons


def test_only_one_proposal_at_a_time(trial: Trial) -> None:
    propose(trial)
    assert refused(lambda: propose(trial, by=person(trial, SUPERVISOR))).code == "register_moved"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (Document("1", date(2026, 11, 24), date(2027, 1, 1)), "decided_on"),
        (Document("1", date(2026, 11, 20), date(2026, 11, 23)), "review_due"),
    ],
)
def test_a_decision_is_not_of_tomorrow_and_its_review_not_of_today(
    trial: Trial, document: Document, field: str
) -> None:
    error = refused(lambda: approve(trial, propose(trial), document))
    assert (error.code, error.details["field"]) == ("bad_body", field)


def test_a_review_renews_the_approval_with_another_document(trial: Trial) -> None:
    exemption = propose(trial, kind="separate")
    approve(trial, exemption)
    renewed = Document("滨政函〔2027〕2号", date(2026, 11, 23), date(2028, 1, 1), replaces=DOCUMENT.number)
    approve(trial, exemption, renewed)
    assert refused(lambda: approve(trial, exemption, renewed)).code == "register_moved"
    assert record(trial, "invoice")["exemption"]["document_number"] == "滨政函〔2027〕2号"
    assert trial.types().count("matter.entered") == 1 and entry(trial, "invoice") == "separate"


def test_of_two_who_decide_at_once_the_later_is_told_so(trial: Trial) -> None:
    exemption = propose(trial)

    def approve_by(number: str) -> Act:
        document = Document(number, DOCUMENT.decided_on, DOCUMENT.review_due)
        return lambda trial: approve(trial, exemption, document)

    got = together((approve_by("1"), trial), (approve_by("2"), trial))
    assert sorted(got) == ["done", "register_moved"]
    assert record(trial, "invoice")["exemption"]["document_number"] == str(got.index("done") + 1)


def test_the_government_ends_what_it_approved(trial: Trial) -> None:
    exemption = propose(trial)
    approve(trial, exemption)
    do(trial, person(trial, GOVERNMENT), registering.end_exemption, exemption, "不再涉密")
    assert entry(trial, "invoice") == "in_hall" and "invoice" in in_catalogue(trial)


def test_the_center_may_always_bring_a_matter_in_where_a_window_serves_it(trial: Trial) -> None:
    approve(trial, propose(trial))
    for matter, role in (("invoice", ADMIN), ("refund", SUPERVISOR)):
        do(trial, person(trial, role), registering.enter_hall, matter, "单位进厅")
        assert entry(trial, matter) == "in_hall"
    assert record(trial, "invoice")["exemption"]["status"] == "ended"
    again = partial(do, trial, person(trial, ADMIN), registering.enter_hall, "refund", "again")
    assert refused(again).code == "register_moved"


def test_a_matter_without_a_window_cannot_be_said_to_be_in_the_hall(trial: Trial) -> None:
    bring = partial(do, trial, person(trial, ADMIN), registering.enter_hall, "lost", "进厅")
    assert refused(bring).code == "not_served"
    loan = Loan("w1", "lost", 3, trial.clock.at.replace(hour=5), "试办")
    do(trial, person(trial, SUPERVISOR), lend_line, loan)
    assert refused(bring).code == "not_served"  # for a time only: tomorrow nobody would serve it


def test_a_consultation_brings_a_matter_in_once_both_sides_have_signed(trial: Trial) -> None:
    consultation = consult(trial)
    assert entry(trial, "customs") == "consultation"
    unit, center = person(trial, HEAD, "v"), person(trial, SUPERVISOR)
    assert do(trial, unit, consulting.sign_consultation, consultation)["signed"] == {"unit": True, "center": False}
    assert entry(trial, "customs") == "consultation"
    assert do(trial, center, consulting.sign_consultation, consultation)["status"] == "signed"
    assert entry(trial, "customs") == "in_hall" and "customs" in in_catalogue(trial)
    kept = record(trial, "customs")["consultation"]
    assert (kept["unit_signed_by"], kept["center_signed_by"]) == ("unit_head-v", "supervisor-center")
    assert trial.types()[-2:] == ["consultation.signed", "matter.entered"]
    verified(trial)


def test_signed_for_a_matter_without_a_window_it_should_be_in_the_hall_and_is_not(trial: Trial) -> None:
    consultation = consult(trial, "lost")
    for by in (person(trial, SUPERVISOR), person(trial, HEAD, "v")):
        do(trial, by, consulting.sign_consultation, consultation)
    assert entry(trial, "lost") == "pending"


def test_both_sides_signing_at_the_same_moment_bring_it_in_once(trial: Trial) -> None:
    consultation = consult(trial)

    def sign_by(by: Principal) -> Act:
        return lambda trial: do(trial, by, consulting.sign_consultation, consultation)

    got = together((sign_by(person(trial, HEAD, "v")), trial), (sign_by(person(trial, SUPERVISOR)), trial))
    assert got == ("done", "done") and entry(trial, "customs") == "in_hall"
    assert trial.types() == ["consultation.opened", "matter.entered", *["consultation.signed"] * 2, "matter.entered"]


@pytest.mark.parametrize("roles", [(HEAD, SUPERVISOR), (SUPERVISOR, HEAD)], ids=["unit first", "center first"])
def test_one_person_of_two_roles_gives_one_signature(trial: Trial, roles: tuple[Role, Role]) -> None:
    consultation = consult(trial)
    first, second = (trial.who(role, "3021", "v" if role == HEAD else None) for role in roles)
    do(trial, first, consulting.sign_consultation, consultation)
    assert refused(partial(do, trial, second, consulting.sign_consultation, consultation)).code == "own_matter"
    assert entry(trial, "customs") == "consultation"


def test_a_unit_signing_twice_has_signed_once(trial: Trial) -> None:
    consultation, head = consult(trial), person(trial, HEAD, "v")
    do(trial, head, consulting.sign_consultation, consultation)
    seq = trial.seq
    assert do(trial, head, consulting.sign_consultation, consultation)["signed"]["center"] is False
    assert trial.seq == seq and entry(trial, "customs") == "consultation"


def test_a_consultation_given_up_leaves_a_matter_that_should_be_in(trial: Trial) -> None:
    do(trial, person(trial, SUPERVISOR), consulting.withdraw_consultation, consult(trial), "改期")
    assert entry(trial, "customs") == "pending"
    consult(trial)


def test_only_units_under_dual_or_vertical_management_are_consulted(trial: Trial) -> None:
    assert refused(lambda: consult(trial, "refund")).code == "no_consultation"


def test_a_matter_in_the_hall_is_not_taken_out_by_opening_a_consultation(trial: Trial) -> None:
    do(trial, person(trial, ADMIN), registering.enter_hall, "customs", "进厅")
    assert refused(lambda: consult(trial)).code == "register_moved"


def test_an_approved_exemption_ends_the_consultation_on_its_matter(trial: Trial) -> None:
    consult(trial)
    approve(trial, propose(trial, "customs", person(trial, HEAD, "v")))
    assert entry(trial, "customs") == "exempt"
    assert record(trial, "customs")["consultation"]["status"] == "withdrawn"


def test_the_auditor_reads_each_decision_in_words(trial: Trial) -> None:
    exemption = propose(trial)
    approve(trial, exemption)
    do(trial, person(trial, GOVERNMENT), registering.end_exemption, exemption, "不再涉密")
    do(trial, person(trial, GOVERNMENT), registering.reject_exemption, propose(trial), "不涉密")
    do(trial, person(trial, HEAD, "v"), consulting.sign_consultation, consult(trial))
    do(trial, person(trial, SUPERVISOR), consulting.withdraw_consultation, consult(trial, "lost"), "改期")
    for language, words in (
        ("zh-CN", "政府批准不进厅：发票领用"),
        ("en", "Approved to stay out of the hall: 发票领用"),
    ):
        wanted = partial(found_events, hall=trial.hall, searched=Searched(), language=language, limit=100)
        told = {one["type"]: one["text"] for one in trial.store.read(wanted)}
        assert told["exemption.approved"] == words and not [kind for kind, text in told.items() if text == kind]


OUTSIDERS = [role for role in Role if role not in (HEAD, SUPERVISOR, ADMIN, GOVERNMENT)]


@pytest.mark.parametrize("role", OUTSIDERS, ids=str)
def test_nobody_else_proposes_decides_or_signs(trial: Trial, role: Role) -> None:
    by, exemption, consultation = person(trial, role), propose(trial), consult(trial)
    attempts: list[tuple[Any, ...]] = [
        (registering.propose_exemption, "pension", "exempt", "x"),
        (registering.approve_exemption, exemption, DOCUMENT),
        (registering.reject_exemption, exemption, "x"),
        (registering.end_exemption, exemption, "x"),
        (registering.enter_hall, "refund", "x"),
        (consulting.open_consultation, "lost", "x"),
        (consulting.sign_consultation, consultation),
        (consulting.withdraw_consultation, consultation, "x"),
    ]
    seq = trial.seq
    assert {refused(partial(do, trial, by, *attempt)).code for attempt in attempts} == {"not_allowed"}
    assert trial.seq == seq


def test_the_figures_a_unit(trial: Trial) -> None:
    approve(trial, propose(trial, "pension"))
    units = {one["id"]: one for one in seen(trial)["units"]}
    assert [units["u"][key] for key in ("should", "is_in", "pending", "exempt", "percentage")] == [2, 1, 1, 1, 50.0]
    assert [units["v"][key] for key in ("should", "is_in", "percentage")] == [2, 0, 0.0]
    assert units["empty"]["percentage"] is None
    consult(trial)
    assert seen(trial)["totals"] == {
        "should": 3,
        "is_in": 1,
        "pending": 2,
        "exempt": 1,
        "separate": 0,
        "consultation": 1,
        "overdue": 0,
        "percentage": 33.3,
    }


def test_a_unit_sees_itself_alone(trial: Trial) -> None:
    propose(trial)
    consult(trial)
    own = seen(trial, "v")
    assert [one["id"] for one in own["units"]] == ["v"]
    assert [one["id"] for one in own["waiting"]] == ["customs"]
    assert [one["id"] for one in seen(trial)["waiting"]] == ["invoice", "customs"]


def test_the_check_finds_nothing_where_all_can_be_reached(trial: Trial) -> None:
    assert found(trial) == []
    assert seen(trial)["checked"]["count"] == 0


def test_the_check_finds_a_matter_without_window_line_numbers_or_with_its_line_suspended(trial: Trial) -> None:
    for table, values, where in (
        ("window_lines", None, "line_id = 'social'"),
        ("lines", "closed = true", "id = 'left'"),
        ("matters", "entry = 'in_hall'", "id = 'customs'"),
        ("halls", "layout_version = layout_version + 1", None),
    ):
        _tamper(trial, table, values, where)
    until = trial.clock.at.replace(day=26)
    do(trial, person(trial, SUPERVISOR), suspend_line, Suspending("tax", "系统升级", until))
    assert sorted(found(trial)) == [("no_line", "customs"), ("no_window", "pension"), ("suspended", "invoice")]
    named = seen(trial, "u")["checked"]["findings"]
    assert [(one["matter_name"], one["unit_name"]) for one in named] == [("发票领用", "税务局"), ("养老金", "税务局")]


def test_a_matter_kept_out_without_a_document_is_found(trial: Trial) -> None:
    _tamper(trial, "matters", "entry = 'exempt'", "id = 'invoice'")
    _tamper(trial, "halls", "layout_version = layout_version + 1", None)
    assert found(trial) == [("no_document", "invoice")]
    approve(trial, propose(trial))
    assert found(trial) == []


def _tamper(trial: Trial, table: str, values: str | None, where: str | None) -> None:
    """What no action would do."""
    begin = f"DELETE FROM {table}" if values is None else f"UPDATE {table} SET {values}"
    key = "id" if table == "halls" else "hall_id"
    said = f"{begin} WHERE {key} = '{trial.hall}'" + (f" AND {where}" if where else "")
    trial.store.write(lambda connection: connection.exec_driver_sql(said))


def test_each_day_ends_with_a_check_and_an_overdue_review_is_found(trial: Trial) -> None:
    approve(trial, propose(trial))
    trial.clock.set("2027-11-20T08:30:00+08:00")
    trial.look()
    assert trial.types()[-2:] == ["register.checked", "day.started"]
    assert seen(trial)["checked"]["findings"] == []
    trial.clock.set("2027-11-21T08:30:00+08:00")
    trial.look()
    trial.clock.set("2027-11-22T08:30:00+08:00")
    trial.look()
    checked = seen(trial)["checked"]
    assert [(one["kind"], one["due"]) for one in checked["findings"]] == [("review_overdue", "2027-11-20")]
    assert seen(trial)["totals"]["overdue"] == 1 and record(trial, "invoice")["exemption"]["review"] == "overdue"
