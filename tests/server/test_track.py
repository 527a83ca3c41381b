"""What the slip's code opens: the own ticket over HTTP and Socket.IO, coming later, why others went first, guessing."""

from datetime import timedelta
from typing import Any

import pytest
import requests
import socketio
from sqlalchemy import insert

from hall.errors import HallError
from hall.words import Role
from server.actions import visitor
from server.app import create_app
from server.auth import create_token
from server.limits import Limit
from server.tables.queue import overtakings
from server.tracking import overtaken_by, tracked_standing
from tests.server.served import Heard, Home
from tests.server.test_http import is_refused
from tests.server.test_sockets import wait_for
from tests.server.trial import Trial, refused


def code_of(home: Home, ticket: dict[str, Any]) -> str:
    wanted = "SELECT track_code FROM tickets WHERE id = '{}'".format(ticket["id"])
    return str(home.served.store.read(lambda connection: connection.exec_driver_sql(wanted).scalar_one()))


class Phone(Heard):
    """A phone with the code of a slip, as the page behind it connects."""

    def __init__(self, home: Home, code: str) -> None:
        super().__init__()
        self.socket.connect(home.served.url, auth={"track": code}, transports=["websocket"], wait_timeout=10)
        wait_for(lambda: self.named("ticket"))

    @property
    def told(self) -> list[dict[str, Any]]:
        return self.named("ticket")

    def hears(self, **wanted: Any) -> dict[str, Any]:
        wait_for(lambda: wanted.items() <= self.told[-1].items())
        return self.told[-1]


def later(trial: Trial, ticket: dict[str, Any]) -> Any:
    by = visitor.visitor_of(trial.hall, ticket["id"])
    return trial.run(by, lambda tx: visitor.come_later(tx, by, ticket["id"]))


def shown(trial: Trial, ticket: dict[str, Any]) -> dict[str, Any]:
    now, key = trial.clock.now(), ticket["id"]
    found: dict[str, Any] = trial.store.read(lambda c: tracked_standing(c, trial.hall, [key], now))[key]
    return found


def look(trial: Trial) -> None:
    """What `serve` does every second."""
    trial.run(trial.desk, lambda _tx: nothing())


def nothing() -> Any:
    from server.command import Done

    return Done(None)


def test_a_late_visitor_is_passed_over_and_comes_back_in_the_old_place(trial: Trial) -> None:
    first, second, third = (trial.issue() for _ in range(3))
    trial.open("w1")
    later(trial, first)
    assert shown(trial, first)["parked"] == "late" and not shown(trial, first)["may_be_late"]
    assert trial.call_next("w1")["number"] == second["number"]
    trial.clock.forward(minutes=visitor.LATE_MINUTES)
    look(trial)
    assert shown(trial, first)["parked"] is None
    assert trial.call_next("w1", finish="completed")["number"] == first["number"]
    assert trial.call_next("w1", finish="completed")["number"] == third["number"]


def test_a_visitor_is_late_once_and_not_when_called(trial: Trial) -> None:
    first, second = trial.issue(), trial.issue()
    later(trial, first)
    before = trial.ticket(first["id"])
    assert refused(lambda: later(trial, first)).code == "already_late"
    trial.open("w1")
    trial.call_next("w1")
    assert refused(lambda: later(trial, second)).code == "illegal_move"
    assert trial.ticket(first["id"]) == before


def test_a_late_ticket_that_is_given_back_stays_given_back(trial: Trial) -> None:
    ticket = trial.issue()
    later(trial, ticket)
    trial.cancel(ticket["id"])
    trial.clock.forward(minutes=visitor.LATE_MINUTES)
    look(trial)
    assert shown(trial, ticket)["status"] == "cancelled"


def test_a_phone_is_told_in_the_language_of_its_ticket(trial: Trial) -> None:
    chinese, english, other = (trial.issue(language=language) for language in ("zh-CN", "en", "fr"))
    assert shown(trial, chinese)["place"] == "1、2、3号窗口" and shown(trial, english)["place"] == "Windows 1, 2, 3"
    assert shown(trial, other)["wait_words"] == "暂时无法估计等候时间"
    trial.open("w1")
    trial.call_next("w1")
    assert shown(trial, chinese)["words"] == "请到1号窗口办理"


def overtaken(trial: Trial, ticket: dict[str, Any], *kinds: str) -> dict[str, int]:
    """Others of the line were called before it who came a minute after."""
    row = trial.ticket(ticket["id"])
    for place, kind in enumerate(kinds):
        values = {"hall_id": trial.hall, "ticket_id": f"other-{place}", "line_id": "tax", "kind": kind}
        at = row["queued_at"] + timedelta(minutes=1)
        values |= {"called_at": at, "queued_at": at, "issued_seq": 100 + place}
        trial.store.write(lambda connection, values=values: connection.execute(insert(overtakings), values))
    trial.clock.forward(minutes=5)
    return trial.store.read(lambda connection: overtaken_by(connection, row, trial.clock.now()))


def test_those_who_came_later_and_went_first_are_counted_by_kind(trial: Trial) -> None:
    first, second = trial.issue(), trial.issue("social")
    assert overtaken(trial, first, "booked", "booked", "reinstated") == {"booked": 2, "reinstated": 1}
    row = trial.ticket(second["id"])
    assert trial.store.read(lambda connection: overtaken_by(connection, row, trial.clock.now())) == {}


def test_why_tells_no_kinds_below_three(home: Home) -> None:
    code = code_of(home, home.issue(language="en"))
    said = home.ask("GET", f"/api/v1/track/{code}/why").json()["why"]
    assert said == {"total": 0, "kinds": None, "words": "Nobody who came after you has gone first."}


def test_the_visitors_own_acts_over_http(home: Home) -> None:
    code = code_of(home, home.issue())
    late = home.ask("POST", f"/api/v1/track/{code}/late", body={"request_id": "x"})
    assert late.status_code == 200 and late.json()["ticket"]["parked"] == "late"
    again = home.ask("POST", f"/api/v1/track/{code}/late", body={"request_id": "x"})
    assert again.json() == late.json()
    is_refused(home.ask("POST", f"/api/v1/track/{code}/late", body={}), 409, "already_late")
    gone = home.ask("POST", f"/api/v1/track/{code}/cancel", body={}).json()["ticket"]
    assert (gone["status"], gone["words"]) == ("cancelled", "此号已取消")


def test_the_page_does_the_same_with_plain_forms(home: Home) -> None:
    code = code_of(home, home.issue())
    url = f"/t/{code}"
    assert "确定推迟" in home.ask("GET", url).text
    late = home.ask("POST", f"{url}/late", allow_redirects=False)
    assert (late.status_code, late.headers["Location"]) == (303, url)
    again = home.ask("POST", f"{url}/late", allow_redirects=False)
    assert again.status_code == 409 and "已推迟过一次" in again.text
    home.ask("POST", f"{url}/cancel")
    ended = home.ask("GET", url).text
    assert "此号已取消" in ended and "<script" not in ended


def test_a_phone_hears_of_its_own_ticket_and_of_nothing_else(home: Home) -> None:
    first, second = home.issue(), home.issue()
    phone = Phone(home, code_of(home, second))
    assert phone.told[0].items() >= {"number": "A002", "status": "waiting", "ahead": 1, "calls": 0}.items()
    home.act("w1", "open")
    home.act("w1", "call-next")
    assert phone.hears(ahead=0)["wait_words"] == "下一位就是您，请做好准备"
    home.act("w1", "call-next", finish="completed")
    assert phone.hears(status="called", place="1号窗口", ahead=None)["calls"] == 1
    home.act("w1", "recall")
    phone.hears(calls=2)
    wait_for(lambda: phone.named("tick"))
    assert {name for name, _ in phone.messages} <= {"connect", "ticket", "tick"}
    everything = str(phone.messages)
    assert first["number"] not in everything and first["id"] not in everything
    assert phone.socket.call("since", 1)["error"]["code"] == "not_allowed"
    phone.socket.disconnect()


def test_a_phone_is_told_only_what_changed_for_it(home: Home) -> None:
    phone, other = Phone(home, code_of(home, home.issue("left"))), Phone(home, code_of(home, home.issue("tax")))
    home.issue("tax")
    home.act("w1", "open")
    home.act("w1", "call-next")
    other.hears(status="called")
    assert len(phone.told) == 1
    for one in (phone, other):
        one.socket.disconnect()


def test_more_ahead_than_before_is_told_with_its_reason(home: Home) -> None:
    home.issue()
    phone = Phone(home, code_of(home, home.issue()))
    assert phone.told[0]["ahead"] == 1 and "rose" not in phone.told[0]
    # Each of these is called before the phone's ticket as soon as it has waited a moment.
    home.issue(visitor_class="priority")
    wait_for(lambda: home.issue() and any("rose" in told for told in phone.told), 30)
    rose = next(told["rose"] for told in phone.told if "rose" in told)
    assert rose["why"] == "rule" and rose["by"] == 1 and rose["words"] == "前面增加1人：按规定优先办理1位"
    phone.socket.disconnect()


def test_a_wrong_code_connects_no_phone(home: Home) -> None:
    socket = socketio.Client(reconnection=False, handle_sigint=False)
    for code in ("guessed", None, 5, {"x": 1}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            socket.connect(home.served.url, auth={"track": code}, transports=["websocket"], wait_timeout=10)


class FromElsewhere(requests.adapters.HTTPAdapter):
    """Asks from another address of this machine, whose share is its own."""

    def init_poolmanager(self, *given: Any, **options: Any) -> None:
        super().init_poolmanager(*given, source_address=("127.0.0.2", 0), **options)


def test_who_guesses_codes_is_told_so_and_harms_nobody(home: Home) -> None:
    code, url = code_of(home, home.issue()), home.served.url
    with requests.Session() as guesser:
        guesser.mount("http://", FromElsewhere())
        answers = [guesser.get(f"{url}/api/v1/track/guess-{turn}", timeout=20) for turn in range(30)]
        assert {answer.status_code for answer in answers[:20]} == {404}
        assert {answer.status_code for answer in answers[20:]} == {429}
        is_refused(answers[-1], 429, "too_many")
        assert guesser.get(f"{url}/t/guess", timeout=20).status_code == 429
        for right in (f"/api/v1/track/{code}", f"/t/{code}"):
            assert guesser.get(url + right, timeout=20).status_code == 200
        kiosk = {"Authorization": f"Bearer {home.token('kiosk')}"}
        assert guesser.get(f"{url}/api/v1/track/guess", headers=kiosk, timeout=20).status_code == 404
    assert home.ask("GET", "/api/v1/track/guess").status_code == 404


def test_a_share_is_an_addresss_own_and_forgotten_addresses_cost_nothing() -> None:
    limit = Limit(2, addresses=3)
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")
    for address in "cdef":
        limit.allows(address)
    assert len(limit._had) == 3 and limit.allows("a")


def test_whoever_has_one_address_of_a_new_network_has_them_all() -> None:
    limit = Limit(1)
    assert limit.allows("2001:db8::1") and not limit.allows("2001:db8::ffff:0:2")
    assert limit.allows("2001:db8:0:1::1") and limit.allows("::ffff:192.0.2.1") and not limit.allows("192.0.2.1")


def test_a_share_is_given_anew_when_its_time_is_over() -> None:
    limit = Limit(1, seconds=0)
    assert limit.allows("a") and limit.allows("a")


def test_a_code_that_is_unknown_is_no_ticket(trial: Trial) -> None:
    from server.tracking import tracked_ticket

    with pytest.raises(HallError):
        trial.store.read(lambda connection: tracked_ticket(connection, "none"))


def test_the_code_of_a_slip_is_told_to_who_hands_out_slips_and_to_nobody_at_a_window(trial: Trial) -> None:
    """With it a clerk could rate the own service, and a unit's head cancel for a visitor or read who complained."""
    app = create_app(trial.store, secret_key="for tests", always_open=True, public_url="https://hall.example")

    def ask(role: Role, method: str, path: str, unit: str | None = None) -> list[str | None]:
        token = trial.store.write(lambda c: create_token(c, trial.hall, role, None, role, trial.clock.at, unit=unit))
        headers, body = {"Authorization": f"Bearer {token}"}, {"line": "tax"} if path == "tickets" else {}
        url = f"/api/v1/halls/{trial.hall}/{path}"
        given = {"json": body} if method == "POST" else {}
        answer = app.test_client().open(url, method=method, headers=headers, **given).get_json()
        return [one["track_url"] for one in answer.get("tickets", [answer.get("ticket")])]

    code = trial.ticket(trial.issue()["id"])["track_code"]
    url = f"https://hall.example/t/{code}"
    for role in (Role.DESK, Role.SUPERVISOR):
        assert ask(role, "GET", "tickets") == [url] and ask(role, "GET", "tickets", unit="u") == [None]
    for role in (Role.CLERK, Role.UNIT_HEAD, Role.LEADERSHIP, Role.GOVERNMENT):
        assert ask(role, "GET", "tickets") == [None]
    trial.open("w1")
    assert ask(Role.SUPERVISOR, "POST", "windows/w1/call-next") == [url]
    assert ask(Role.SUPERVISOR, "POST", "windows/w1/complete", unit="v") == [None]
    assert ask(Role.CLERK, "POST", "tickets") != [None], "who issues a number has its slip to hand out"


def test_an_address_with_what_no_database_takes_leads_nowhere(trial: Trial) -> None:
    app = create_app(trial.store, secret_key="for tests", always_open=True, public_url=None)
    token = trial.store.write(lambda c: create_token(c, trial.hall, Role.SUPERVISOR, None, None, trial.clock.at))
    asked, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    for path in ("/t/%00", "/c/%00", "/t/%00/cancel", f"/api/v1/halls/{trial.hall}/accounts/%00/disable"):
        answers = [asked.get(path, headers=headers), asked.post(path, headers=headers)]
        assert {one.status_code for one in answers} <= {404, 405}, path
