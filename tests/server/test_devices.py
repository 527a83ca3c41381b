"""Devices at the running server: let in by a code, heard by heartbeats, tested, and shut out at once."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from server.tables.people import tokens
from tests.server.served import Home

WAIT_SECONDS = 30


def beat(**changes: Any) -> dict[str, Any]:
    return {"version": "0.1.0", "at": "2026-11-23T01:00:00Z", "conditions": [], **changes}


def states(home: Home) -> dict[str, dict[str, Any]]:
    """{name: device} as the device page gets them."""
    answer = home.get("devices/states", "system_admin")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["devices"]}


def until(true: Callable[[], Any]) -> Any:
    """What becomes true in a moment: heartbeats are written once a second."""
    end = time.monotonic() + WAIT_SECONDS
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
    return found


def enrolled(home: Home, role: str = "kiosk", name: str = "一楼取号机", **more: Any) -> dict[str, Any]:
    made = home.post("devices/enrolments", "system_admin", {"role": role, "name": name, **more})
    assert made.status_code == 201, made.text
    used = home.ask("POST", "/api/v1/enrol", body={"code": made.json()["code"], "request_id": "one"})
    assert used.status_code == 201, used.text
    return dict(used.json())


def test_a_heartbeat_shows_how_a_device_is_and_leaves_nothing_in_the_journal(home: Home) -> None:
    seq = home.seq
    wrong = {"part": "printer", "state": "fault", "code": "paper_out", "detail": "DLE EOT 4: 0x72"}
    error = {"at": "2026-11-23T00:59:00Z", "text": "slip.broke"}
    said = beat(conditions=[wrong], can=["print"], seq=seq, epoch=home.board()["epoch"], last_error=error)
    answer = home.post("devices/heartbeat", "kiosk", said)
    assert answer.status_code == 200 and answer.json()["tests"] == []
    shown = until(lambda: states(home).get("kiosk-one", {}).get("seen_at") and states(home)["kiosk-one"])
    assert (shown["state"], shown["kind"], shown["version"]) == ("fault", "kiosk", "0.1.0")
    assert [one["code"] for one in shown["conditions"] if one["part"] == "printer"] == ["paper_out"]
    assert shown["last_error"] == {"at": "2026-11-23T00:59:00.000Z", "text": "slip.broke"}
    assert shown["can"] == ["print"] and shown["behind"] == 0
    assert home.seq == seq


def test_a_device_that_was_never_heard_is_shown_as_such(home: Home) -> None:
    home.token("display")
    assert states(home)["display-one"]["state"] == "never"


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": "none"},
        {"conditions": [{"part": "printer", "state": "burning"}]},
        {"conditions": [{"part": "printer", "state": "ok", "detail": "x" * 301}]},
        {"conditions": [{"part": "p", "state": "ok"}] * 201},
        {"at": "yesterday"},
        {"at": "2026-11-23T01:00:00"},
        {"drift_seconds": 1e300},
        {"version": "\u0000"},
        {"seq": -1},
        {"can": ["explode"]},
        {"last_error": {"at": "never", "text": "x"}},
        {"more": 1},
    ],
)
def test_a_garbled_heartbeat_is_refused_and_changes_nothing(calm: Home, change: dict[str, Any]) -> None:
    refused = calm.post("devices/heartbeat", "kiosk", beat(**change))
    assert refused.status_code == 422, refused.text
    assert states(calm)["kiosk-one"]["state"] == "never"


def test_what_only_a_newer_device_knows_keeps_its_state(home: Home) -> None:
    unknown = {"part": "robot", "state": "fault", "code": "tired", "detail": "battery 2 %"}
    home.post("devices/heartbeat", "kiosk", beat(conditions=[unknown]))
    shown = until(lambda: states(home).get("kiosk-one", {}).get("seen_at") and states(home)["kiosk-one"])
    assert shown["state"] == "fault"
    assert ("device", "other", "robot.tired battery 2 %") in [
        (one["part"], one["code"], one["detail"]) for one in shown["conditions"]
    ]


def test_a_code_lets_in_one_device_once(home: Home) -> None:
    made = home.post("devices/enrolments", "system_admin", {"role": "caller", "name": "3号窗口键盘", "window": "w3"})
    code = made.json()["code"]
    assert len(code.replace("-", "")) == 8
    typed = code.lower().replace("-", " ")
    first = home.ask("POST", "/api/v1/enrol", body={"code": typed, "request_id": "one"})
    assert first.status_code == 201, first.text
    session = home.ask("GET", "/api/v1/session", token=first.json()["token"]).json()["session"]
    assert (session["role"], session["window"], session["name"]) == ("clerk", "w3", "3号窗口键盘")
    again = home.ask("POST", "/api/v1/enrol", body={"code": code, "request_id": "one"})
    assert again.json() == first.json(), "an answer that was lost comes again"
    other = home.ask("POST", "/api/v1/enrol", body={"code": code, "request_id": "two"})
    assert (other.status_code, other.json()["error"]["code"]) == (403, "code_wrong")


def test_the_same_request_has_the_same_code_and_another_body_is_refused(home: Home) -> None:
    body = {"role": "kiosk", "name": "一号机", "request_id": str(uuid.uuid4())}
    first, second = (home.post("devices/enrolments", "system_admin", body).json() for _ in range(2))
    assert first == second
    other = home.post("devices/enrolments", "system_admin", {**body, "name": "二号机"})
    assert other.json()["error"]["code"] == "request_reused"


@pytest.mark.parametrize(
    "body, status",
    [
        ({"role": "caller", "name": "x"}, 422),
        ({"role": "kiosk", "name": "x", "window": "w1"}, 422),
        ({"role": "caller", "name": "x", "window": "w404"}, 404),
        ({"role": "supervisor", "name": "x"}, 422),
        ({"role": "kiosk", "name": " "}, 422),
        ({"role": "kiosk", "name": "x" * 41}, 422),
    ],
)
def test_a_code_for_nothing_is_not_made(calm: Home, body: dict[str, Any], status: int) -> None:
    assert calm.post("devices/enrolments", "system_admin", body).status_code == status


def test_a_device_enrolled_again_shuts_out_the_one_before(home: Home) -> None:
    old, new = enrolled(home)["token"], enrolled(home)["token"]
    assert home.ask("POST", "/api/v1/ping", token=new, body={}).status_code == 200
    assert home.ask("POST", "/api/v1/ping", token=old, body={}).status_code == 401


def test_a_revoked_device_is_cut_off_at_once(home: Home) -> None:
    device = enrolled(home, "display", "一楼大屏")
    with home.client(token=device["token"]) as client:
        until(lambda: client.named("snapshot"))
        assert home.post(f"devices/{device['id']}/revoke", "system_admin").status_code == 200
        until(lambda: not client.socket.connected)
    refused = home.ask("POST", "devices/heartbeat", token=device["token"], body=beat())
    assert refused.status_code == 401
    assert home.post(f"devices/{device['id']}/revoke", "system_admin").status_code == 200, "once more does nothing"
    assert "一楼大屏" not in states(home)


def test_a_person_is_not_revoked_as_a_device(home: Home) -> None:
    home.token("clerk")
    of_clerk = select(tokens.c.id).where(tokens.c.hall_id == home.hall, tokens.c.role == "clerk")
    clerk = home.served.store.read(lambda connection: connection.execute(of_clerk).scalar_one())
    assert home.post(f"devices/{clerk}/revoke", "system_admin").status_code == 404
    assert home.post("/api/v1/ping", "clerk").status_code == 200


def test_a_code_for_another_kind_of_device_is_refused_and_stays_good(home: Home) -> None:
    code = home.post("devices/enrolments", "system_admin", {"role": "kiosk", "name": "一号机"}).json()["code"]
    wrong = home.ask("POST", "/api/v1/enrol", body={"code": code, "kind": "display"})
    assert wrong.json()["error"]["code"] == "code_wrong"
    assert home.ask("POST", "/api/v1/enrol", body={"code": code, "kind": "kiosk"}).status_code == 201


def test_devices_are_among_the_metrics(home: Home) -> None:
    home.post("devices/heartbeat", "kiosk", beat(conditions=[{"part": "printer", "state": "fault", "code": "offline"}]))
    wanted = f'hallcall_devices{{hall="{home.hall}",state="fault"}} 1.0'
    until(lambda: wanted in home.ask("GET", "/metrics").text)
    assert 'name="kiosk-one"} 1.0' in home.ask("GET", "/metrics").text


def test_a_test_is_asked_by_push_and_by_heartbeat_and_answered_once(home: Home) -> None:
    device = enrolled(home)
    token = device["token"]
    home.ask("POST", "devices/heartbeat", token=token, body=beat(can=["print"]))
    until(lambda: states(home)["一楼取号机"]["seen_at"])
    with home.client(token=token) as client:
        until(lambda: client.named("snapshot"))
        asked = home.post(f"devices/{device['id']}/tests", "system_admin", {"what": "print"}).json()
        until(lambda: client.named("test"))
        assert client.named("test")[0] == {"id": asked["id"], "what": "print"}
    heard = home.ask("POST", "devices/heartbeat", token=token, body=beat(can=["print"])).json()
    assert heard["tests"] == [{"id": asked["id"], "what": "print"}]
    assert states(home)["一楼取号机"]["tests"][0]["state"] == "waiting"
    stranger = home.post(f"devices/tests/{asked['id']}", "display", {"ok": True})
    assert stranger.status_code == 404
    said = {"ok": False, "detail": "paper_out"}
    assert home.ask("POST", f"devices/tests/{asked['id']}", token=token, body=said).status_code == 200
    home.ask("POST", f"devices/tests/{asked['id']}", token=token, body={"ok": True})
    shown = states(home)["一楼取号机"]["tests"]
    assert [(one["what"], one["state"], one["detail"]) for one in shown] == [("print", "failed", "paper_out")]
    assert home.ask("POST", "devices/heartbeat", token=token, body=beat()).json()["tests"] == []


def test_a_test_of_an_unknown_device_is_refused(calm: Home) -> None:
    assert calm.post("devices/t-404/tests", "system_admin", {"what": "print"}).status_code == 404
    assert calm.post("devices/tests/none", "kiosk", {"ok": True}).status_code == 404
