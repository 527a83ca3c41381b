"""The permission matrix: every route has its rule, and each role is let in or refused by it."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy import update

from hall.words import Role
from server.app import create_app
from server.auth import create_token
from server.commands.permissions import permissions
from server.devices.self_check import SelfCheck
from server.entrance import UNGUARDED, UNSAFE
from server.matrix import EVENTS, HEARD, MAY, WHOLE
from server.permissions import PAGES
from server.tables.people import accounts, sessions
from tests.parts import ROOT, new_database
from tests.server.signed_in import Center
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
    "layout_now": {Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDITOR},
    "layout_parts": {Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDITOR},
    "put_part": {Role.SUPERVISOR, Role.SYSTEM_ADMIN},
    "close_part": {Role.SUPERVISOR, Role.SYSTEM_ADMIN},
    "change_settings": {Role.SYSTEM_ADMIN},
    "import_parts": {Role.SYSTEM_ADMIN},
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
    "audit_state": {Role.AUDITOR},
    "begin_verification": {Role.AUDITOR},
    "audit_events": {Role.AUDITOR},
    "access_log": {Role.SECURITY_ADMIN, Role.AUDITOR},
    "erasures": {Role.SECURITY_ADMIN, Role.AUDITOR, Role.SUPERVISOR},
    "ask_erasure": {Role.SUPERVISOR},
    "do_erasure": {Role.SECURITY_ADMIN},
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
    store = open_trial_store(new_database(tmp_path_factory.mktemp("matrix") / "hall.sqlite3"), SetClock())
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


def addresses(center: Center) -> list[tuple[str, str, str, bool]]:
    """(name, method, address, whether it is of one hall) of each guarded route; nothing but the hall exists."""
    found = []
    for name, method, path in guarded_routes(center.app):
        if name != "close_session":  # would only sign out; tests/server/test_accounts.py does
            wanted = re.sub(r"<[^>]+>", "none", path.replace("<hall>", center.trial.hall))
            found.append((name, method, wanted, "<hall>" in path))
    return found


def status_of(client: FlaskClient, method: str, path: str, **headers: str) -> int:
    body = {"unknown": 1} if method == "POST" else None
    return int(client.open(path, method=method, json=body, headers=headers).status_code)


def token_of(center: Center, role: Role) -> str:
    """A token and not an account: cheaper, and what a device has. What stands behind it is the same Principal."""
    now = center.clock.now()
    made = partial(create_token, hall=center.trial.hall, role=role, window=None, name=f"{role}-walk", now=now)
    return center.store.write(made)


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    folder = tmp_path_factory.mktemp("walk")
    found = Center.found(new_database(folder / "hall.sqlite3"))
    found.app.extensions["self_check"] = SelfCheck(folder, None)
    yield found
    found.store.engine.dispose()


@pytest.mark.parametrize("role", Role, ids=str)
def test_each_role_is_let_in_or_refused_on_every_route(center: Center, role: Role) -> None:
    """403 exactly where the rule says so, whatever the request is otherwise."""
    client, bearer = center.app.test_client(), f"Bearer {token_of(center, role)}"
    for name, method, path, _ in addresses(center):
        status = status_of(client, method, path, Authorization=bearer)
        allowed = CONTRACT[name] is None or role in (CONTRACT[name] or ())
        assert status in ((200, 404, 422) if allowed else (403,)), (name, status)


@pytest.mark.parametrize("how", ["nobody", "unknown token", "ended session", "disabled account"])
def test_who_is_not_signed_in_gets_nowhere_that_is_not_for_anyone(center: Center, how: str) -> None:
    client = center.app.test_client()
    headers = {"Authorization": "Bearer made-up"} if how == "unknown token" else {}
    if how in ("ended session", "disabled account"):
        here = center.browser(center.person("supervisor", login=how.replace(" ", "-")))
        client, headers = here.client, {"X-CSRF-Token": here.csrf}
        now = center.clock.now()
        gone = {
            "ended session": update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=now),
            "disabled account": update(accounts).where(accounts.c.disabled_at.is_(None)).values(disabled_at=now),
        }[how]
        center.store.write(lambda connection: connection.execute(gone))
        center.app.extensions["hallcall"].gate.forget()
    for name, method, path, _ in addresses(center):
        status = status_of(client, method, path, **headers)
        expected = (200, 404, 422) if CONTRACT[name] is None else (401,)
        assert status in expected, (name, status)


def test_who_must_choose_a_password_first_gets_nowhere_else(center: Center) -> None:
    new = center.browser(center.person("supervisor", login="new", must_change=True))
    for name, method, path, _ in addresses(center):
        if CONTRACT[name] is not None:
            status = status_of(new.client, method, path, **{"X-CSRF-Token": new.csrf})
            assert (status == 403) is (name not in ("session", "own_account", "change_password")), (name, status)


def test_a_cookie_without_its_word_writes_nothing(center: Center) -> None:
    here = center.browser(center.person("supervisor", login="careless"))
    for name, method, path, _ in addresses(center):
        if method != "GET" and CONTRACT[name] is not None:
            assert status_of(here.client, method, path) == 403, name


def test_nobody_of_one_hall_reaches_another(center: Center) -> None:
    other = Trial.found(center.store, center.clock)
    center.app.extensions["hallcall"].halls.append(other.hall)
    roles = {role: f"Bearer {token_of(center, role)}" for role in Role}
    client = center.app.test_client()
    for name, method, path, of_hall in addresses(center):
        if of_hall:
            away = path.replace(f"/{center.trial.hall}", f"/{other.hall}")
            allowed = CONTRACT[name]
            bearer = roles[min(allowed) if allowed else Role.SUPERVISOR]
            assert status_of(client, method, away, Authorization=bearer) == 403, name


def test_every_event_has_a_rule_and_every_rule_an_event(center: Center) -> None:
    sockets = center.app.extensions["push"].sockets
    assert set(sockets.server.handlers["/"]) == set(EVENTS)
    told = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "server").glob("*.py"))
    assert set(re.findall(r"""\.emit\(\s*"(\w+)\"""", told)) == set(HEARD)


PUBLIC = {Role.KIOSK, Role.DISPLAY}


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_each_role_connects_asks_and_hears_as_the_rules_say(center: Center, role: Role | None) -> None:
    push = center.app.extensions["push"]
    if not push._pushed:
        center.trial.issue(visitor_class="priority")
        push.start({center.trial.hall: (center.trial.board()["epoch"], center.trial.seq)})
    auth = {"token": token_of(center, role)} if role else {"token": "made-up"}
    client = push.sockets.test_client(center.app, auth=auth)
    assert client.is_connected() is (role is not None)
    if role is None:
        return
    assert [one["name"] for one in client.get_received()] == ["snapshot", "tick"]
    answer = client.emit("since", 0, callback=True)
    whole = "class" in answer["events"][0]["ticket"]
    assert whole is (role not in PUBLIC) is (role in WHOLE)
    client.disconnect()


@pytest.mark.parametrize("how", ["another hall", "ended session", "password first"])
def test_who_is_not_let_in_does_not_connect(center: Center, how: str) -> None:
    push = center.app.extensions["push"]
    here = center.browser(center.person("desk", login=f"{how[:5]}-desk", must_change=how == "password first"))
    if how == "ended session":
        here.client.delete("/api/v1/session", headers={"X-CSRF-Token": here.csrf})
    auth = {"hall": "elsewhere"} if how == "another hall" else {}
    assert not push.sockets.test_client(center.app, flask_test_client=here.client, auth=auth).is_connected()


def test_every_page_has_a_rule_and_every_rule_a_page(app: OpenAPI) -> None:
    guarded = {path for _, _, path in guarded_routes(app)}
    assert {rule.rule for rule in app.url_map.iter_rules()} - guarded == set(PAGES)
    writing = {rule.rule for rule in app.url_map.iter_rules() if UNSAFE & set(rule.methods or ())} - guarded
    assert writing == {"/remote", "/c/<code>/rating", *(f"/t/<code>/{act}" for act in ("<act>", "rating", "complaint"))}


def test_a_page_holds_nothing_of_its_own_for_whoever_is_let_in(center: Center) -> None:
    """What a staff page shows comes by the calls above: its document is the same for everyone and for a stranger."""
    client = center.app.test_client()
    bearers = [f"Bearer {token_of(center, role)}" for role in Role]
    for path, roles in PAGES.items():
        if roles is not None:
            stranger = client.get(path)
            assert stranger.status_code == 200 and center.trial.hall in stranger.text, path
            for bearer in bearers:
                assert client.get(path, headers={"Authorization": bearer}).data == stranger.data, path
    for role in ("supervisor", "system_admin"):
        here = center.browser(center.person(role, login=f"{role}-page"))
        assert all(here.client.get(path).data == client.get(path).data for path, roles in PAGES.items() if roles)


def test_the_matrix_in_the_docs_is_that_of_the_code() -> None:
    told = CliRunner().invoke(permissions)
    assert told.exit_code == 0, told.output
    assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == told.output, (
        "hallcall permissions > docs/permissions.md"
    )


def test_a_module_of_routes_without_a_rule_would_be_refused_to_everyone() -> None:
    from hall.errors import HallError
    from server.auth import Gate
    from tests.server.trial import refused

    gate = Gate.__new__(Gate)
    assert isinstance(refused(lambda: gate.check("a_new_route", None)), HallError)
