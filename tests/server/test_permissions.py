"""The permission matrix: every route has its rule, and each role is let in or refused by it."""

from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI

from hall.words import Role
from server.app import UNGUARDED, create_app
from server.auth import MAY
from server.opening import migrate
from tests.server.served import Home
from tests.server.trial import SetClock, Trial, open_trial_store

STAFF = set(Role) - {Role.KIOSK, Role.DISPLAY}
AT_DESK = {Role.DESK, Role.SUPERVISOR}
AT_WINDOWS = {Role.CLERK, Role.SUPERVISOR}
SHEETS = {
    Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.LEADERSHIP, Role.AUDITOR, Role.GOVERNMENT, Role.UNIT_HEAD,
}  # fmt: skip

# DESIGN's table of calls as a reader has it: who may; None is anyone.
CONTRACT: dict[str, set[Role] | None] = {
    "halls": None,
    "open_session": None,
    "session": set(Role),
    "close_session": set(Role),
    "sign_in": None,
    "own_account": STAFF,
    "change_password": STAFF,
    "begin_factor": STAFF,
    "confirm_factor": STAFF,
    "remove_factor": STAFF,
    "accounts": {Role.SECURITY_ADMIN, Role.AUDITOR},
    "create_account": {Role.SECURITY_ADMIN},
    "change_account": {Role.SECURITY_ADMIN},
    "disable_account": {Role.SECURITY_ADMIN},
    "enable_account": {Role.SECURITY_ADMIN},
    "reset_password": {Role.SECURITY_ADMIN},
    "unlock_account": {Role.SECURITY_ADMIN},
    "end_account_sessions": {Role.SECURITY_ADMIN},
    "reset_factor": {Role.SECURITY_ADMIN},
    "ping": set(Role),
    "catalogue": set(Role),
    "board": set(Role),
    "journal": set(Role),
    "order": STAFF,
    "self_check": {Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.DESK},
    "begin_check": {Role.SYSTEM_ADMIN, Role.SUPERVISOR},
    "set_board_message": {Role.SUPERVISOR},
    "hall_today": {Role.SUPERVISOR, Role.LEADERSHIP, Role.AUDITOR},
    "lend_line": {Role.SUPERVISOR},
    "take_back_line": {Role.SUPERVISOR},
    "suspend_line": {Role.SUPERVISOR},
    "resume_line": {Role.SUPERVISOR},
    "set_order": {Role.SUPERVISOR, Role.SYSTEM_ADMIN},
    "register_now": SHEETS,
    "register_matters": SHEETS,
    "check_register": {Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.GOVERNMENT, Role.AUDITOR},
    "propose_exemption": {Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.UNIT_HEAD},
    "approve_exemption": {Role.GOVERNMENT},
    "reject_exemption": {Role.GOVERNMENT},
    "end_exemption": {Role.GOVERNMENT},
    "enter_hall": {Role.SUPERVISOR, Role.SYSTEM_ADMIN},
    "open_consultation": {Role.SUPERVISOR},
    "sign_consultation": {Role.SUPERVISOR, Role.UNIT_HEAD},
    "withdraw_consultation": {Role.SUPERVISOR},
    "day_sheet": SHEETS,
    "month_sheet": SHEETS,
    "windows": STAFF | {Role.DISPLAY},
    "window": STAFF | {Role.DISPLAY},
    "window_today": STAFF,
    "issue_ticket": STAFF | {Role.KIOSK},
    "ticket": STAFF | {Role.KIOSK},
    "tickets": STAFF,
    "ticket_identity": {Role.DESK, Role.CLERK},
    "may_rate": None,
    "rate_tracked": None,
    "tablet": {Role.DISPLAY},
    "rate_at_tablet": {Role.DISPLAY},
    "audit_state": {Role.AUDITOR},
    "begin_verification": {Role.AUDITOR},
    "audit_events": {Role.AUDITOR},
    "access_log": {Role.SECURITY_ADMIN, Role.AUDITOR},
    "erasures": {Role.SECURITY_ADMIN, Role.AUDITOR, Role.SUPERVISOR},
    "ask_erasure": {Role.SUPERVISOR},
    "do_erasure": {Role.SECURITY_ADMIN},
    "window_ratings": AT_WINDOWS,
    "rating_totals": {Role.SUPERVISOR},
    "case_list": {Role.DESK, Role.SUPERVISOR, Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR},
    "one_case": {Role.DESK, Role.SUPERVISOR, Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR},
    "open_case_at_desk": {Role.DESK, Role.SUPERVISOR},
    "assign_case": {Role.SUPERVISOR},
    "state_case": {Role.DESK, Role.SUPERVISOR, Role.UNIT_HEAD},
    "complain_tracked": None,
    "answer_case": {Role.DESK, Role.SUPERVISOR},
    "close_case": {Role.DESK, Role.SUPERVISOR},
    "case_of_code": None,
    "rate_case": None,
    "cancel_ticket": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "reprint_ticket": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "reinstate_ticket": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "scan_code": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "change_class": AT_DESK,
    "mark_guide": AT_DESK,
    "send_waiting": AT_DESK,
    "story": AT_DESK,
    "desk_now": AT_DESK,
    "devices": AT_DESK,
    "dismiss_slip": AT_DESK,
    "heartbeat": {Role.KIOSK, Role.DISPLAY, Role.CLERK, Role.DESK},
    "answer_test": {Role.KIOSK, Role.DISPLAY, Role.CLERK, Role.DESK},
    "device_states": {Role.SYSTEM_ADMIN, Role.SUPERVISOR},
    "make_enrolment": {Role.SYSTEM_ADMIN},
    "revoke_device": {Role.SYSTEM_ADMIN},
    "ask_test": {Role.SYSTEM_ADMIN},
    "enrol": None,
    "ask_for_desk": {Role.KIOSK},
    "answer_kiosk": AT_DESK,
    "slips": STAFF | {Role.KIOSK},
    "take_bands": {Role.KIOSK},
    "hand_over": {Role.KIOSK},
    "report_slip": {Role.KIOSK, Role.DESK},
    "open_window": AT_WINDOWS,
    "pause_window": AT_WINDOWS,
    "close_window": AT_WINDOWS,
    "call_next": AT_WINDOWS,
    "call_number": AT_WINDOWS,
    "recall_ticket": AT_WINDOWS,
    "start_ticket": AT_WINDOWS,
    "complete_ticket": AT_WINDOWS,
    "transfer_ticket": AT_WINDOWS,
    "change_matter": AT_WINDOWS,
    "walk_in": AT_WINDOWS,
    "mark_no_show": AT_WINDOWS,
    "hold_ticket": AT_WINDOWS,
    "resume_ticket": AT_WINDOWS,
    "undo_move": AT_WINDOWS,
    "track": None,
    "cancel_tracked": None,
    "come_later": None,
    "why": None,
    "subscribe": None,
    "issue_remote_ticket": None,
    "arrive_ticket": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "slots": None,
    "make_booking": None,
    "booking": None,
    "cancel_booking": None,
    "change_booking": None,
    "arrive_booking": {Role.DESK, Role.KIOSK, Role.SUPERVISOR},
    "bookings": {Role.DESK, Role.SUPERVISOR},
    "find_booking": {Role.DESK, Role.SUPERVISOR},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAPI]:
    url = f"sqlite:///{tmp_path_factory.mktemp('matrix')}/hall.sqlite3"
    migrate(url)
    store = open_trial_store(url, SetClock())
    Trial.found(store, SetClock())
    yield create_app(store, secret_key="for tests", always_open=True, public_url=None)
    store.engine.dispose()


def guarded_routes(app: OpenAPI) -> list[tuple[str, str, str]]:
    """(name, method, path) of every route behind the gate."""
    found = []
    for rule in app.url_map.iter_rules():
        room, _, name = rule.endpoint.rpartition(".")
        if room in UNGUARDED or name in UNGUARDED or name == "openapi_json":
            continue
        found += [(name, method, rule.rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_every_route_has_a_rule_and_every_rule_a_route(app: OpenAPI) -> None:
    assert {name for name, _, _ in guarded_routes(app)} == set(MAY) == set(CONTRACT)


def test_the_rules_are_those_of_the_contract() -> None:
    assert {name: None if roles is None else set(roles) for name, roles in MAY.items()} == CONTRACT


def test_nothing_is_unguarded_but_pages_and_what_an_operator_watches(app: OpenAPI) -> None:
    open_to_all = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[0] in UNGUARDED or rule.endpoint in UNGUARDED
    }
    assert not {path for path in open_to_all if "/halls/" in path}
    assert {path for path in open_to_all if path.startswith("/api/v1")} <= {"/api/v1/docs", "/api/v1/openapi.json"}


@pytest.mark.parametrize("role", Role, ids=str)
def test_each_role_is_let_in_or_refused_on_every_route(app: OpenAPI, calm: Home, role: Role) -> None:
    """At the running server: 403 exactly where the rule says so, whatever the request is otherwise."""
    for name, method, path in guarded_routes(app):
        if name == "close_session":
            continue  # would only sign out nobody
        wanted = path.replace("<hall>", calm.hall).replace("<line>", "none").replace("<window>", "w404").replace("<ticket>", "none")
        wanted = (
            wanted.replace("<slip>", "none")
            .replace("<code>", "none")
            .replace("<case>", "none")
            .replace("<device>", "none")
            .replace("<test>", "none")
        )
        answer = calm.ask(method, wanted, role.value, body={"unknown": 1} if method == "POST" else None)
        allowed = CONTRACT[name] is None or role in (CONTRACT[name] or ())
        assert (answer.status_code != 403) is allowed, (name, answer.text)
        assert answer.status_code in ((200, 404, 422) if allowed else (403,)), (name, answer.text)


def test_a_module_of_routes_without_a_rule_would_be_refused_to_everyone() -> None:
    from hall.errors import HallError
    from server.auth import Gate
    from tests.server.trial import refused

    gate = Gate.__new__(Gate)
    assert isinstance(refused(lambda: gate.check("a_new_route", None)), HallError)
