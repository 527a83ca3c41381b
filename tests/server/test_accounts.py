"""People sign in: the first account, passwords, lock-out, how long sessions last, and who may change an account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from sqlalchemy import insert, update

from hall.settings import load_settings
from hall.words import Role
from server.commands.accounts import account as command
from server.opening import first_accounts, secret_key
from server.sign_in import accounts as rules
from server.sign_in.passwords import outdated
from server.tables.layout import assignments
from server.tables.people import accounts
from tests.server.served import written_config
from tests.server.signed_in import PASSWORD, Browser, Center

OWN = "/api/v1/account"


@pytest.fixture
def security(center: Center) -> Browser:
    return center.browser(center.person("security_admin"))


def act(security: Browser, login: str, what: str, **body: Any) -> Any:
    return security.post(f"accounts/{security.center.account(login)['id']}/{what}", **body)


def test_the_first_administrator_chooses_a_password_and_makes_a_clerk_who_calls(either: Center) -> None:
    center = either
    told = first_accounts(center.store)
    assert center.trial.hall in told and first_accounts(center.store) == ""
    login, once = told.split()[-2:]
    first = center.browser()
    assert first.sign_in("ADMIN ", once).get_json()["session"]["must"] == "password" and login == "admin"
    assert first.get("accounts").get_json()["error"]["code"] == "password_first"
    assert first.code(f"{OWN}/password", password=once, new=once) == "weak_password"
    assert first.post(f"{OWN}/password", password=once, new=PASSWORD).status_code == 200
    wanted = {"login": "3021", "name": "王芳", "role": "clerk", "unit": "u", "request_id": "one"}
    made = first.post("accounts", **wanted)
    assert made.status_code == 201 and first.post("accounts", **wanted).get_json() == made.get_json()
    assert first.code("accounts", **{**wanted, "request_id": "two"}) == "login_taken"
    assert first.code("accounts", **{**wanted, "login": "3022"}) == "request_reused"
    clerk = center.browser()
    clerk.sign_in("3021", made.get_json()["password"])
    assert clerk.code("windows/w1/open") == "password_first"
    clerk.post(f"{OWN}/password", password=made.get_json()["password"], new="paper-river-71")
    center.trial.issue()
    assert clerk.post("windows/w1/open").get_json()["window"]["clerk"] == "3021"
    assert clerk.post("windows/w1/call-next").get_json()["ticket"]["number"] == "A001"
    assert center.trial.faults() == []
    assert not [row for row in center.trial.rows("access_log") if once in str(row) or PASSWORD in str(row)]


def test_a_password_that_is_easily_guessed_is_not_taken(center: Center) -> None:
    someone = center.browser(center.person("supervisor", login="wang-fang-01"))
    for weak in ("short", "1234567890", "Password123", "aaaaaaaaaaaa", "wang-fang-01", "10-gnaf-gnaw", PASSWORD):
        assert someone.code(f"{OWN}/password", password=PASSWORD, new=weak) == "weak_password", weak
    assert someone.code(f"{OWN}/password", password="not this", new="paper-river-71") == "password_wrong"
    assert someone.alive


def test_a_password_kept_at_other_costs_is_kept_at_todays_from_the_next_sign_in_on(center: Center) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    login = center.person("desk", password_hash=old)
    assert center.browser(login).alive
    fresh = center.account(login)["password_hash"]
    assert fresh != old and not outdated(fresh) and center.browser(login).alive
    assert center.account(login)["password_hash"] == fresh


def test_an_administrator_unlocks_resets_and_disables(center: Center, security: Browser) -> None:
    login = center.person("desk")
    locked = center.browser()
    for _ in range(5):
        locked.sign_in(login, "guess")
    assert security.get("accounts").get_json()["accounts"][0]["locked_until"] is not None
    assert act(security, login, "unlock").status_code == 200
    assert locked.sign_in(login).status_code == 200
    once = act(security, login, "password").get_json()["password"]
    assert not locked.alive and locked.sign_in(login).status_code == 401
    assert locked.sign_in(login, once).get_json()["session"]["must"] == "password"
    other, said = center.person("desk", "desk-2"), {"request_id": "one"}
    passwords = [act(security, one, "password", **said).get_json()["password"] for one in (login, login, other)]
    assert passwords[0] == passwords[1] != passwords[2], "said twice it is one, said of somebody else another"
    once = passwords[0]
    assert act(security, login, "disable").get_json()["account"]["disabled_at"] is not None
    assert not locked.alive and locked.sign_in(login, once).get_json()["error"]["code"] == "sign_in_wrong"
    act(security, login, "enable")
    assert locked.sign_in(login, once).status_code == 200
    assert act(security, login, "end-sessions").status_code == 200 and not locked.alive
    noted = [row["what"] for row in center.trial.rows("access_log") if row["what"].startswith("account_")]
    kinds = ["unlocked", *["password_reset"] * 4, "disabled", "enabled", "sessions_ended"]
    assert noted == [f"account_{kind}" for kind in kinds]


def test_nobody_changes_their_own_rights_and_another_role_ends_the_sessions(center: Center, security: Browser) -> None:
    mine, other = security.session["name"], center.person("supervisor")
    person = {"name": "甲", "role": "system_admin"}
    for what, body in (("", person), ("disable", {}), ("password", {}), ("reset-second-factor", {})):
        path = f"accounts/{center.account(mine)['id']}{what and '/'}{what}"
        assert security.code(path, **body) == "own_account", what
    assert security.post(f"accounts/{center.account(mine)['id']}", name="乙", role="security_admin").status_code == 200
    someone = center.browser(other)
    assert security.post(f"accounts/{center.account(other)['id']}", **person).status_code == 200
    assert not someone.alive and center.account(other)["role"] == "system_admin"


def test_two_security_administrators_do_not_shut_each_other_out_at_once(either: Center) -> None:
    center = either
    pair = [center.browser(center.person("security_admin", login=f"s{place}")) for place in (0, 1)]
    with ThreadPoolExecutor(2) as pool:
        at_once = Barrier(2)
        acts = [
            pool.submit(lambda one, other: (at_once.wait() and None) or act(one, other, "disable"), *both)
            for both in ((pair[0], "s1"), (pair[1], "s0"))
        ]
        codes = sorted(one.result().status_code for one in acts)
    assert codes == [200, 401]
    assert [center.account(login)["disabled_at"] is None for login in ("s0", "s1")].count(True) == 1


def test_a_role_of_the_center_has_no_unit_a_unit_head_has_one_and_a_device_has_no_account(security: Browser) -> None:
    new = {"login": "5001", "name": "甲"}
    assert security.code("accounts", **new, role="supervisor", unit="u") == "bad_body"
    assert security.code("accounts", **new, role="unit_head") == "bad_body"
    assert security.code("accounts", **new, role="clerk", unit="unknown") == "not_found"
    assert security.code("accounts", **new, role="kiosk") == "bad_body"
    assert security.code("accounts", **{**new, "login": "a b"}, role="clerk") == "bad_body"
    assert security.post("accounts", **new, role="unit_head", unit="u").status_code == 201


def test_a_session_ends_after_half_an_hour_in_which_nobody_did_anything(center: Center) -> None:
    watcher, worker = (center.browser(center.person("supervisor", login=f"90{place}")) for place in (1, 2))
    clerk = center.browser(center.person("clerk"))
    for _ in range(3):
        center.clock.forward(minutes=14)
        assert worker.post("/api/v1/ping").status_code == 200
        watcher.get("windows")  # what an open page asks by itself
    assert worker.alive and not watcher.alive
    center.clock.forward(minutes=25)
    assert worker.get("/order").status_code == 200  # a page is opened
    center.clock.forward(minutes=25)
    assert worker.alive and clerk.alive
    center.clock.forward(hours=11)
    assert not worker.alive and not clerk.alive


def test_three_sessions_at_most_the_oldest_ends_and_signing_out_ends_ones_own(either: Center) -> None:
    center = either
    login = center.person("desk")
    opened = []
    for _ in range(4):
        center.clock.forward(seconds=1)
        opened.append(center.browser(login))
    assert [one.alive for one in opened] == [False, True, True, True]
    listed = opened[1].get(OWN).get_json()["account"]["sessions"]
    assert [one["here"] for one in listed] == [False, False, True]
    kept = opened[1].client.get_cookie("hallcall")
    assert kept is not None
    gone = opened[1].client.delete("/api/v1/session", headers={"X-CSRF-Token": opened[1].csrf})
    assert gone.status_code == 204
    opened[1].client.set_cookie("hallcall", kept.value)  # somebody kept the cookie
    assert not opened[1].alive
    assert opened[2].post(f"{OWN}/password", password=PASSWORD, new="paper-river-71").status_code == 200
    assert opened[2].alive and not opened[3].alive


def test_another_site_signs_nobody_in_and_a_cookie_alone_writes_nothing(center: Center) -> None:
    login, browser = center.person("desk"), center.browser()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert browser.sign_in(login, headers=headers).get_json()["error"]["code"] == "csrf"
    assert (
        browser.sign_in(login, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}).status_code
        == 200
    )
    assert browser.client.post("/api/v1/ping", json={}).get_json()["error"]["code"] == "csrf"
    kept = browser.client.get_cookie("hallcall")
    assert browser.sign_in(login).status_code == 200, "an old cookie is no hindrance"
    assert kept is not None
    browser.client.set_cookie("hallcall", kept.value)
    assert not browser.alive, "and nothing is left that opens with it"


def test_people_of_one_hall_are_nobody_in_another(center: Center, urls: dict[str, str]) -> None:
    other = Center.found(urls["sqlite"])
    login = center.person("security_admin", login="same")
    other.person("auditor", login="same")
    stranger = other.browser("same")
    assert stranger.session["role"] == "auditor"
    here = center.browser(login)
    gone = here.client.get(f"/api/v1/halls/{other.trial.hall}/accounts")
    assert gone.status_code in (403, 404)
    assert [one["login"] for one in here.get("accounts").get_json()["accounts"]] == ["same"]
    other.store.engine.dispose()


def test_a_clerk_works_where_the_assignment_of_today_says(either: Center) -> None:
    center = either
    login, hall = center.person("clerk", login="3021"), center.trial.hall
    today = center.clock.now().date()
    row = {"hall_id": hall, "id": "one", "clerk": "3021", "unit_id": "u", "window_id": "w2", "position": 1}
    for place, (begins, ends) in enumerate([(-5, -1), (0, None), (3, None)]):
        days = {"from_day": today + timedelta(days=begins), "to_day": ends and today + timedelta(days=ends)}
        more = {"id": f"a{place}", "window_id": f"w{place + 1}", **days}
        center.store.write(lambda one, more=more: one.execute(insert(assignments), {**row, **more}))
    told = center.browser(login).session
    assert (told["window"], told["unit"]) == ("w2", "u")


def test_a_clerk_whose_assignment_is_over_is_out_from_that_midnight(either: Center) -> None:
    center = either
    login, hall, today = center.person("clerk"), center.trial.hall, center.clock.now().date()
    free = center.browser(center.person("clerk", login="free"))  # never assigned: at any window
    row = {"hall_id": hall, "id": "one", "clerk": login.upper(), "window_id": "w2", "position": 1}
    days = {"from_day": today - timedelta(days=9), "to_day": today}
    center.store.write(lambda one: one.execute(insert(assignments), {**row, **days}))
    clerk = center.browser(login)
    push, watch = center.app.extensions["push"], center.app.extensions["watch"]
    push.start({hall: ("e", 0)})
    assert push.sockets.test_client(center.app, flask_test_client=clerk.client, auth={}).is_connected()
    assert clerk.alive and watch.ended_rooms() == set()
    center.clock.forward(hours=15)  # no command of the new day was given yet
    assert not clerk.alive and len(watch.ended_rooms()) == 1
    assert clerk.sign_in(login).get_json()["error"]["code"] == "not_stationed"
    assert center.browser("free").alive and free.session["window"] is None


def test_the_auditor_reads_every_account_and_changes_none(either: Center) -> None:
    center = either
    auditor = center.browser(center.person("auditor"))
    for place in range(3):
        center.person("clerk", login=f"30{place}%")
    assert auditor.get("accounts?search=0%25").get_json()["accounts"][0]["login"] == "300%"
    page = auditor.get("accounts?limit=2").get_json()
    assert len(page["accounts"]) == 2 and page["after"] == "301%"
    assert [one["login"] for one in auditor.get("accounts?after=301%25").get_json()["accounts"]] == [
        "302%",
        "auditor-1",
    ]
    assert auditor.code("accounts", login="x", name="x", role="clerk") == "not_allowed"


def test_the_sockets_of_an_ended_session_are_cut(center: Center) -> None:
    here = center.browser(center.person("supervisor"))
    push, watch = center.app.extensions["push"], center.app.extensions["watch"]
    push.start({center.trial.hall: ("e", 0)})
    hears = push.sockets.test_client(center.app, flask_test_client=here.client, auth={})
    assert hears.is_connected()
    assert watch.ended_rooms() == set()
    act(center.browser(center.person("security_admin")), here.session["name"], "disable")
    assert len(watch.ended_rooms()) == 1


def test_a_center_that_is_locked_out_gets_a_one_time_password_by_command(tmp_path: Any, monkeypatch: Any) -> None:
    config = written_config(tmp_path, halls=1)
    monkeypatch.setenv("HALLCALL_DATA_DIR", str(tmp_path))
    run = CliRunner().invoke
    told = run(command, ["first", "--config", str(config)])
    assert "admin" in told.output and run(command, ["first", "--config", str(config)]).output == ""
    assert run(command, ["reset", "nobody", "--config", str(config)]).exit_code == 1
    once = run(command, ["reset", "admin", "--config", str(config)]).output.strip()
    center = Center.found(f"sqlite:///{tmp_path}/hallcall.sqlite3")
    known = center.store.read(lambda one: rules.account_of_login(one, "hall-0", "admin"))
    assert known is not None and known["must_change"] and known["role"] == Role.SECURITY_ADMIN
    answer = center.app.test_client().post(
        "/api/v1/sign-in", json={"login": "admin", "password": once, "hall": "hall-0"}
    )
    assert answer.status_code == 200
    center.store.engine.dispose()


def test_a_disabled_account_is_not_let_in_by_a_password_looked_at_before(center: Center) -> None:
    login = center.person("desk")
    gone = update(accounts).where(accounts.c.login == login).values(disabled_at=center.clock.now())
    center.store.write(lambda one: one.execute(gone))
    assert center.browser().sign_in(login).get_json()["error"]["code"] == "sign_in_wrong"


def test_the_servers_key_is_one_and_whole_whoever_makes_it_at_once(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("HALLCALL_SECRET_KEY", raising=False)
    monkeypatch.setenv("HALLCALL_DATA_DIR", str(tmp_path / "data"))
    settings = load_settings(written_config(tmp_path, halls=1))
    with ThreadPoolExecutor(8) as pool:
        keys = {one.result() for one in [pool.submit(secret_key, settings) for _ in range(8)]}
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret-key"]
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o077 == 0
