"""Who guesses is stopped and shuts nobody else out; tokens made on the server are told and made worthless."""

import json
from functools import partial
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from server.audit.auditing import Wanted, access_lines
from server.auth import Gate
from server.commands.operating import token
from server.tables.journal import access_log
from tests.server.served import written_config
from tests.server.signed_in import PASSWORD, Center

OWN = "/api/v1/account"


def test_five_failures_lock_a_login_for_a_quarter_of_an_hour_whether_it_exists_or_not(either: Center) -> None:
    center = either
    known, browser = center.person("desk"), center.browser()
    for login in (known, "nobody"):
        answers = [browser.sign_in(login, "guess").get_json()["error"] for _ in range(6)]
        assert [one["code"] for one in answers] == ["sign_in_wrong"] * 5 + ["sign_in_locked"], login
        assert answers[-1]["details"] == {"minutes": 15}
        assert browser.sign_in(login).get_json()["error"]["code"] == "sign_in_locked"
    center.clock.forward(minutes=15)
    assert browser.sign_in(known).status_code == 200
    assert any(known in line for line in center.log("sign_in_refused"))
    assert not any("nobody" in line for line in center.log("sign_in_refused"))


def test_a_password_that_is_no_text_is_a_wrong_one(center: Center) -> None:
    typed = json.dumps({"login": center.person("desk"), "password": "\ud800", "hall": center.trial.hall})
    answer = center.browser().client.post("/api/v1/sign-in", data=typed, content_type="application/json")
    assert answer.get_json()["error"]["code"] == "sign_in_wrong"


def test_who_guesses_elsewhere_shuts_nobody_out_of_the_browser_they_sign_in_with(either: Center) -> None:
    center = either
    login, other = center.person("desk"), center.person("desk", login="another")
    own, stranger = center.browser(login), center.browser(other)
    for _ in range(8):
        stranger.sign_in(login, "guess")
    assert stranger.sign_in(login).get_json()["error"]["code"] == "sign_in_locked"
    assert own.sign_in(login).status_code == 200, "at their own place nothing has happened"
    assert own.post(f"{OWN}/password", password=PASSWORD, new="paper-river-71").status_code == 200
    guesses = [own.sign_in(login, "guess").get_json()["error"]["code"] for _ in range(6)]
    assert guesses == ["sign_in_wrong"] * 5 + ["sign_in_locked"], "a known browser guesses no more than another"
    security = center.browser(center.person("security_admin"))
    assert security.post(f"accounts/{center.account(login)['id']}/unlock").get_json()["account"]["locked_until"] is None
    assert own.sign_in(login, "paper-river-71").status_code == 200


def test_one_address_has_a_few_failures_a_minute(center: Center) -> None:
    center.app.extensions["hallcall"].sign_ins.most = 3
    codes = [center.browser().sign_in(f"guess-{place}", "x").get_json()["error"]["code"] for place in range(4)]
    assert codes == ["sign_in_wrong"] * 3 + ["too_many"]


def test_tokens_that_are_tried_fill_no_log(center: Center) -> None:
    for _ in range(40):
        center.app.test_client().post(
            "/api/v1/session", json={"token": "guess"}, environ_base={"REMOTE_ADDR": "10.0.0.8"}
        )
    lines = center.store.read(lambda one: one.execute(select(access_log.c.detail)).scalars().all())
    assert lines.count("token 10.0.0.8") == 20


def test_a_token_made_on_the_server_is_told_to_the_auditor_and_can_be_made_worthless(
    tmp_path: Any, monkeypatch: Any
) -> None:
    config = ["--config", str(written_config(tmp_path, halls=1))]
    monkeypatch.setenv("HALLCALL_DATA_DIR", str(tmp_path))
    run = CliRunner().invoke
    secret = run(token, ["create", "--role", "government", "--name", "script", *config]).output.strip()
    center = Center.found(f"sqlite:///{tmp_path}/hallcall.sqlite3")
    gate = Gate(center.store)
    known = gate.by_secret(secret)
    assert known is not None and f"{known.id}  hall-0  government" in run(token, ["list", *config]).output
    assert run(token, ["revoke", known.id, *config]).exit_code == 0
    gate.forget()
    assert gate.by_secret(secret) is None and known.id not in run(token, ["list", *config]).output
    assert run(token, ["revoke", known.id, *config]).exit_code == 1
    lines = center.store.read(partial(access_lines, hall="hall-0", wanted=Wanted("account"), limit=9))
    assert [line["what"] for line in lines] == ["token_revoked", "token_created"]
    center.store.engine.dispose()
