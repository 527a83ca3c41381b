"""Numbers taken from afar: where a line allows them, within its share, good once their visitor has come."""

import re
from typing import Any

import pytest
import requests

from server.actions import visitor
from server.actions.tickets import Wanted
from server.clock import Clock
from server.db import Store
from tests.server.served import Home, Served
from tests.server.test_http import is_refused
from tests.server.trial import SetClock, Trial, layout, refused

LINES = [
    {"id": "tax", "name": {"zh-CN": "税务", "en": "Tax"}, "prefix": "A", "remote_share": 50},
    *layout("x").model_dump(mode="json")["lines"][1:],
]


@pytest.fixture
def far(store: Store) -> Any:
    """A hall whose line `tax` gives half of its numbers away from afar."""
    clock: Clock = store.clock
    assert isinstance(clock, SetClock)
    trial = Trial.found(store, clock, lines=LINES)
    yield trial
    assert trial.faults() == []


def take(trial: Trial, line: str = "tax", request_id: str | None = None) -> Any:
    wanted = Wanted(line, None, "ordinary", "zh-CN")
    return trial.run(trial.desk, lambda tx: visitor.issue_remote(tx, trial.desk, wanted, False), request_id)


def arrive(trial: Trial, ticket: dict[str, Any]) -> Any:
    return trial.run(trial.kiosk, lambda tx: visitor.arrive_ticket(tx, trial.kiosk, ticket["id"]))


def scan(trial: Trial, code: str) -> Any:
    from server.actions.scanning import scan_code

    return trial.run(trial.kiosk, lambda tx: scan_code(tx, trial.kiosk, code))


def test_a_number_from_afar_is_called_only_after_its_visitor_has_come(far: Trial) -> None:
    first = far.issue()
    taken, last = take(far), far.issue()
    assert far.ticket(taken["id"])["parked"] == "remote"
    far.open("w1")
    assert far.call_next("w1")["number"] == first["number"]
    arrive(far, taken)
    assert far.ticket(taken["id"])["parked"] is None
    assert far.call_next("w1", finish="completed")["number"] == taken["number"]
    assert far.call_next("w1", finish="completed")["number"] == last["number"]


def test_the_share_is_that_of_the_numbers_of_the_day(far: Trial) -> None:
    assert refused(lambda: take(far)).details["reason"] == "remote_full"  # one of one would be all
    far.issue()
    take(far)
    before = far.all_rows()
    assert refused(lambda: take(far)).details["reason"] == "remote_full"
    assert far.all_rows() == before
    far.issue()
    assert take(far)["number"] == "A004"


def test_a_line_that_does_not_allow_it_gives_no_number_from_afar(far: Trial) -> None:
    for _ in range(5):
        far.issue("social")
    assert refused(lambda: take(far, "social")).details["reason"] == "no_remote"


def test_a_visitor_arrives_once_and_only_for_such_a_number(far: Trial) -> None:
    here = far.issue()
    taken = take(far)
    assert refused(lambda: arrive(far, here)).code == "illegal_move"
    arrive(far, taken)
    before = far.all_rows()
    assert refused(lambda: arrive(far, taken)).code == "illegal_move"
    assert far.all_rows() == before


def test_the_code_at_the_kiosk_is_the_check_in(far: Trial) -> None:
    far.issue()
    taken = take(far)
    assert scan(far, f"https://hall.example/t/{taken['track_code']}")["action"] == "arrived"
    assert scan(far, taken["track_code"])["action"] == "found"


def test_who_never_came_is_passed_over_and_expires_with_the_day(far: Trial) -> None:
    far.issue()
    taken = take(far)
    far.open("w1")
    far.call_next("w1")
    assert far.call_next("w1", finish="completed") is None
    far.clock.set("2026-11-24T09:00:00+08:00")
    far.issue()
    assert far.ticket(taken["id"])["status"] == "expired"


def test_who_has_yet_to_come_cannot_be_late(far: Trial) -> None:
    far.issue()
    taken = take(far)
    by = visitor.visitor_of(far.hall, taken["id"])
    late = refused(lambda: far.run(by, lambda tx: visitor.come_later(tx, by, taken["id"])))
    assert late.code == "illegal_move"


@pytest.fixture(scope="module")
def distant(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Served(tmp_path_factory.mktemp("remote"), halls=8, lines=LINES) as served:
        yield served


def post(home: Home, **body: Any) -> requests.Response:
    return home.ask("POST", "remote-tickets", body=body)


def test_anyone_takes_a_number_and_the_kiosk_or_desk_checks_it_in(distant: Served) -> None:
    home = distant.home()
    home.issue()
    answer = post(home, line="tax", language="en", request_id="0123456789abcdef")
    assert answer.status_code == 201, answer.text
    ticket = answer.json()["ticket"]
    assert (ticket["number"], ticket["parked"], ticket["track_url"]) == ("A002", "remote", None)
    assert ticket["words"].startswith("When you arrive, scan this code")
    again = post(home, line="tax", language="en", request_id="0123456789abcdef").json()["ticket"]
    assert again["code"] == ticket["code"]
    listed = home.get("tickets", number="A002").json()["tickets"][0]
    arrived = home.post(f"tickets/{listed['id']}/arrive", "desk")
    assert arrived.status_code == 200
    assert home.ask("GET", f"/api/v1/track/{ticket['code']}").json()["ticket"]["parked"] is None
    is_refused(home.post(f"tickets/{listed['id']}/arrive", "desk"), 409, "illegal_move")


def test_a_request_from_afar_must_not_be_guessed(distant: Served) -> None:
    is_refused(post(distant.home(), line="tax", request_id="1"), 422, "bad_body")


def test_a_line_within_no_share_is_refused_over_http(distant: Served) -> None:
    home = distant.home()
    assert is_refused(post(home, line="social"), 409, "line_closed")["details"]["reason"] == "no_remote"
    is_refused(post(home, line="none"), 404, "not_found")


def test_the_page_takes_a_number_without_any_script(distant: Served) -> None:
    home = distant.home()
    home.issue()
    page = home.ask("GET", "/remote", params={"hall": home.hall, "language": "en"}).text
    assert "<script" not in page and ">Tax<" in page and "社保" not in page
    request_id = re.search(r'name="request_id" value="([^"]+)"', page)
    assert request_id
    form = {"hall": home.hall, "language": "en", "line": "tax", "request_id": request_id[1]}
    url = f"{distant.url}/remote"
    taken = [requests.post(url, data=form, allow_redirects=False, timeout=20) for _ in range(2)]
    assert {one.status_code for one in taken} == {303}
    assert taken[0].headers["Location"] == taken[1].headers["Location"]  # pressed twice, taken once
    phone = home.ask("GET", taken[0].headers["Location"]).text
    assert "A002" in phone and "When you arrive, scan this code" in phone
    full = requests.post(url, data={**form, "request_id": "another-request-id"}, timeout=20)
    assert "No more numbers from afar just now" in full.text


def test_one_address_takes_only_so_many_a_minute_and_staff_are_not_counted(distant: Served) -> None:
    home = distant.home()
    codes = [post(home, line="social").status_code for _ in range(12)]
    assert codes[-1] == 429 and set(codes) <= {409, 429}
    assert home.ask("POST", "remote-tickets", "desk", body={"line": "social"}).status_code == 409
