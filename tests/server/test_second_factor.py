"""The second factor: set up by its owner, asked for at the door, each code once, needed where the settings say so."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from sqlalchemy import update

from server.sign_in import second_factor
from server.tables.people import accounts
from tests.server.signed_in import PASSWORD, Browser, Center

OWN = "/api/v1/account"


@pytest.fixture
def center(urls: dict[str, str]) -> Iterator[Center]:
    found = Center.found(urls["sqlite"], with_factor=("auditor",))
    yield found
    found.store.engine.dispose()


def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    begun = browser.post(f"{OWN}/second-factor", password=PASSWORD).get_json()
    app = pyotp.TOTP(begun["secret"])
    assert pyotp.parse_uri(begun["address"]).secret == begun["secret"]
    assert begun["picture"].startswith("data:image/svg+xml")
    confirmed = browser.post(f"{OWN}/second-factor/confirm", code=app.now())
    return app, confirmed.get_json()["recovery_codes"]


def next_code(app: pyotp.TOTP) -> str:
    """Of the coming half minute, which a phone whose clock is fast shows already."""
    return str(app.at(int(time.time()) + second_factor.STEP_SECONDS))


def refused(browser: Browser, login: str, **more: Any) -> str:
    return str(browser.sign_in(login, **more).get_json()["error"]["code"])


def test_who_set_it_up_is_asked_for_a_code_and_each_code_is_good_once(center: Center) -> None:
    login = center.person("supervisor")
    app, codes = set_up(center.browser(login))
    door = center.browser()
    assert refused(door, login) == "factor_needed"
    assert refused(door, login, code="000000") == "factor_wrong"
    assert refused(door, login, password="wrong", code=next_code(app)) == "sign_in_wrong"
    code = next_code(app)
    assert door.sign_in(login, code=code).status_code == 200
    assert refused(center.browser(), login, code=code) == "factor_wrong"
    assert len(set(codes)) == 8 and center.browser().sign_in(login, code=codes[0].upper()).status_code == 200
    assert refused(center.browser(), login, code=codes[0]) == "factor_wrong"
    assert door.get(OWN).get_json()["account"]["recovery_left"] == 7


def test_a_code_typed_at_two_doors_at_once_opens_one(urls: dict[str, str], database: str) -> None:
    center = Center.found(urls[database])
    login = center.person("supervisor")
    _, codes = set_up(center.browser(login))
    with ThreadPoolExecutor(2) as pool:
        doors = [pool.submit(center.browser().sign_in, login, code=code) for code in (codes[0], codes[0], codes[1])]
        answers = sorted(door.result().status_code for door in doors)
    assert answers == [200, 200, 401] and len(center.account(login)["recovery"]) == 6
    center.store.engine.dispose()


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(center: Center) -> None:
    login = center.person("supervisor")
    set_up(center.browser(login))
    door = center.browser()
    codes = [refused(door, login, code="000000") for _ in range(4)]
    assert refused(door, login) == "factor_needed"  # the right password alone wipes no failures out
    codes += [refused(door, login, code="000000") for _ in range(2)]
    assert codes == ["factor_wrong"] * 5 + ["sign_in_locked"]


def test_a_role_that_needs_it_sets_it_up_before_anything_else(center: Center) -> None:
    auditor = center.browser(center.person("auditor"))
    assert auditor.session["must"] == "second_factor"
    assert auditor.get("accounts").get_json()["error"]["code"] == "factor_first"
    assert auditor.code(f"{OWN}/second-factor", password="wrong") == "password_wrong"
    set_up(auditor)
    assert auditor.alive and auditor.get("accounts").status_code == 200
    assert auditor.code(f"{OWN}/second-factor", password=PASSWORD) == "factor_set"


def test_its_owner_turns_it_off_with_the_password_and_an_administrator_without(center: Center) -> None:
    login = center.person("desk")
    desk = center.browser(login)
    set_up(desk)
    assert desk.code(f"{OWN}/second-factor/remove", password="wrong") == "password_wrong"
    assert desk.post(f"{OWN}/second-factor/remove", password=PASSWORD).status_code == 200
    assert desk.alive
    set_up(desk)
    security = center.browser(center.person("security_admin"))
    security.post(f"accounts/{center.account(login)['id']}/reset-second-factor")
    assert not desk.alive and center.browser().sign_in(login).status_code == 200


def test_the_database_alone_gives_no_code_and_a_lost_key_lets_nobody_in(center: Center) -> None:
    login = center.person("desk")
    app, _ = set_up(center.browser(login))
    kept = center.account(login)["totp_secret"]
    assert app.secret not in kept and second_factor.opened("another key", kept) is None
    sealed = second_factor.sealed("another key", app.secret)
    center.store.write(
        lambda one: one.execute(update(accounts).where(accounts.c.login == login).values(totp_secret=sealed))
    )
    assert refused(center.browser(), login, code=next_code(app)) == "factor_wrong"
    security = center.browser(center.person("security_admin"))
    listed = security.get("accounts").get_data(as_text=True)
    assert app.secret not in listed and "recovery" not in listed and "hash" not in listed
