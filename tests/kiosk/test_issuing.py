"""One touch, one ticket: double touches, lost answers, a dead link."""

from concurrent.futures import ThreadPoolExecutor

import requests

from kiosk.app import LARGEST_BODY
from tests.kiosk.conftest import StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import wait_for


def test_two_posts_of_one_touch_at_once_give_one_ticket(start_kiosk: StartKiosk, server: FakeServer) -> None:
    kiosk = start_kiosk()
    server.slow_seconds = 0.2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: kiosk.touch("one-touch-1"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["ticket"]["number"] for answer in answers} == {"A001"}
    assert len(server.tickets) == 1


def test_two_touches_give_two_tickets(start_kiosk: StartKiosk, server: FakeServer) -> None:
    kiosk = start_kiosk()
    numbers = [kiosk.touch(f"touch-nr-{n}").json()["ticket"]["number"] for n in range(2)]
    assert numbers == ["A001", "A002"]


def test_a_touch_answers_the_same_ticket_after_a_restart(start_kiosk: StartKiosk, server: FakeServer) -> None:
    first = start_kiosk()
    number = first.touch("one-touch-1").json()["ticket"]["number"]
    first.kiosk.printing.stop()
    again = start_kiosk().touch("one-touch-1")
    assert again.json()["ticket"]["number"] == number
    assert len(server.tickets) == 1


def test_a_touch_cannot_be_used_for_another_line(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    kiosk.touch("one-touch-1")
    answer = kiosk.touch("one-touch-1", line="tax")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request_reused")


def test_an_issue_without_link_is_refused_and_the_same_touch_works_when_it_is_back(
    start_kiosk: StartKiosk, server: FakeServer
) -> None:
    kiosk = start_kiosk()
    server.down = True
    answer = kiosk.touch("one-touch-1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "link_down")
    server.down = False
    assert kiosk.touch("one-touch-1").status_code == 201
    assert len(server.tickets) == 1


def test_the_catalogue_says_that_the_link_is_down_and_keeps_the_names(
    start_kiosk: StartKiosk, server: FakeServer
) -> None:
    kiosk = start_kiosk()
    assert kiosk.catalogue()["link"] == "up"
    server.down = True
    wait_for(lambda: kiosk.catalogue()["link"] == "down")
    assert kiosk.catalogue("en")["lines"][0]["name"] == "Social insurance"
    server.down = False
    wait_for(lambda: kiosk.catalogue()["link"] == "up")


def test_a_page_is_sent_the_matters_only_when_they_are_others(start_kiosk: StartKiosk, server: FakeServer) -> None:
    kiosk = start_kiosk()
    first = kiosk.catalogue()
    again = kiosk.catalogue(matters_mark=first["matters_mark"])
    assert "matters" not in again and again["lines"] == first["lines"]
    assert "matters" in kiosk.catalogue("en", matters_mark=first["matters_mark"])
    renamed = first["matters"][0]["id"]
    server.rename(renamed, "改了名的事项")
    wait_for(lambda: "matters" in kiosk.catalogue(matters_mark=first["matters_mark"]))
    names = {one["id"]: one["name"] for one in kiosk.catalogue()["matters"]}
    assert names[renamed] == "改了名的事项"


def test_waiting_counts_follow_an_event_at_once(start_kiosk: StartKiosk, server: FakeServer) -> None:
    kiosk = start_kiosk()
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)

    def waiting() -> int:
        return next(int(line["waiting"]) for line in kiosk.catalogue()["lines"] if line["id"] == "tax")

    assert waiting() == 0
    server.send_waiting(tax=7)
    wait_for(lambda: waiting() == 7, 2)


def test_a_closed_line_is_refused_in_the_words_of_the_contract(start_kiosk: StartKiosk, server: FakeServer) -> None:
    server.lines["tax"] = {"open": False, "reason": "quota", "reason_text": "今日号码已取完"}
    answer = start_kiosk().touch("one-touch-1", line="tax")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "line_closed")


def test_bad_bodies_are_refused_and_nothing_is_issued(start_kiosk: StartKiosk, server: FakeServer) -> None:
    kiosk = start_kiosk()
    url = f"{kiosk.url}/local/tickets"
    bodies = [
        {},
        [],
        {"touch_id": "touch-nr-1"},
        {"touch_id": "touch-nr-1", "line": "tax", "matter": "passport"},
        {"touch_id": "'; DROP TABLE", "line": "tax"},
        {"touch_id": "touch-nr-1", "line": "tax", "language": "xx"},
        {"touch_id": "touch-nr-1", "line": {"$ne": 1}},
        {"touch_id": "touch-nr-1", "line": "x" * 100},
    ]
    assert [requests.post(url, json=body, timeout=30).status_code for body in bodies] == [422] * len(bodies)
    assert requests.post(url, data=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert requests.post(url, data="line=tax").status_code == 415
    large = {"touch_id": "touch-nr-1", "line": "x" * LARGEST_BODY}
    assert requests.post(url, json=large, timeout=30).status_code == 413
    assert server.tickets == []


def test_files_outside_the_pages_are_not_served(start_kiosk: StartKiosk) -> None:
    url = start_kiosk().url
    for path in ("/pages/kiosk/__init__.py", "/pages/kiosk/..%2Fapp.py", "/web/modules/..%2F__init__.py"):
        assert requests.get(url + path, timeout=30).status_code == 404
    assert requests.get(f"{url}/texts/en/server.json", timeout=30).status_code == 404
    assert requests.get(f"{url}/texts/en/kiosk.json", timeout=30).json()["kiosk.next"] == "Next visitor"


def test_spoken_help_is_a_wav_in_both_languages(start_kiosk: StartKiosk) -> None:
    url = start_kiosk().url
    for text, language in (("请选择您要办理的业务", "zh-CN"), ("What do you need today?", "en")):
        answer = requests.get(f"{url}/local/speech", params={"text": text, "language": language}, timeout=10)
        assert answer.headers["Content-Type"].startswith("audio/")
        assert answer.content[:4] == b"RIFF"
        assert len(answer.content) > 20_000
    nothing = requests.get(f"{url}/local/speech", params={"text": " ", "language": "en"}, timeout=10)
    unknown = requests.get(f"{url}/local/speech", params={"text": "a", "language": "xx"}, timeout=10)
    assert (nothing.status_code, unknown.status_code) == (404, 404)
