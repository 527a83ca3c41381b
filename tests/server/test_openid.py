"""Signing in by an identity provider: a real one on loopback, honest and lying."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import OctKey
from sqlalchemy import select

from hall.settings import OpenId
from server.sign_in.accounts import give_password
from server.sign_in.openid import Provider
from server.tables.journal import access_log
from tests.server.identity_provider import IdentityProvider
from tests.server.signed_in import Browser, Center

BACK = "/sign-in/openid/back"


@pytest.fixture(scope="module")
def house() -> Iterator[IdentityProvider]:
    found = IdentityProvider()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def founded(urls: dict[str, str], house: IdentityProvider) -> Iterator[Center]:
    settings = OpenId(issuer=house.issuer, client_id="hallcall")
    found = Center.found(urls["sqlite"], provider=Provider(settings, house.secret))
    found.person("desk", login="3021")
    found.person("clerk", login="gone", disabled_at=found.clock.now())
    yield found
    found.store.engine.dispose()


@pytest.fixture
def center(founded: Center, house: IdentityProvider) -> Center:
    house.honest()
    return founded


def to_provider(browser: Browser, to: str = "") -> str:
    """The address at which the provider sends the browser back."""
    hall = browser.center.trial.hall
    away = browser.client.get("/sign-in/openid", query_string={"hall": hall, "to": to})
    sent = requests.get(away.headers["Location"], allow_redirects=False, timeout=20)
    return str(sent.headers["Location"])


def back(browser: Browser, address: str) -> str:
    """Where the browser is led in the end."""
    parts = urlsplit(address)
    assert parts.path == BACK
    return str(browser.client.get(f"{BACK}?{parts.query}").headers["Location"])


def signed_in(browser: Browser) -> Any:
    return browser.client.get("/api/v1/session").get_json().get("session")


def test_who_the_provider_vouches_for_is_let_in_to_the_account_that_was_made_for_them(
    center: Center, house: IdentityProvider
) -> None:
    browser = center.browser()
    assert back(browser, to_provider(browser, "/self-check")) == "/self-check"
    assert (signed_in(browser)["name"], signed_in(browser)["role"]) == ("3021", "desk")
    house.person = {"sub": "s-1", "preferred_username": "renamed"}
    again = center.browser()
    assert back(again, to_provider(again, "https://evil.example/")) == "/desk" and signed_in(again)["name"] == "3021"


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "s-2", "preferred_username": "nobody-here"},
        {"sub": "s-3", "preferred_username": "gone"},
        {"sub": "s-4", "preferred_username": ""},
        {"sub": "s-5"},
    ],
    ids=["unknown", "disabled", "empty", "nameless"],
)
def test_nobody_is_made_an_account_by_signing_in(center: Center, house: IdentityProvider, person: Any) -> None:
    house.person, browser = person, center.browser()
    assert "why=no_account" in back(browser, to_provider(browser)) and signed_in(browser) is None


def test_a_login_belongs_to_its_first_subject(center: Center, house: IdentityProvider) -> None:
    first = center.browser()
    back(first, to_provider(first))
    house.person, other = {"sub": "s-9", "preferred_username": "3021"}, center.browser()
    assert "why=no_account" in back(other, to_provider(other)) and signed_in(other) is None


def test_the_same_subject_at_another_provider_is_somebody_else(center: Center, house: IdentityProvider) -> None:
    browser = center.browser()
    back(browser, to_provider(browser))
    other, own = IdentityProvider(), center.app.extensions["provider"]
    other.person = {"sub": "s-1", "preferred_username": "another"}
    center.app.extensions["provider"] = Provider(OpenId(issuer=other.issuer, client_id="hallcall"), other.secret)
    stranger = center.browser()
    try:
        assert "why=no_account" in back(stranger, to_provider(stranger))
    finally:
        center.app.extensions["provider"] = own
        other.stop()


def test_an_account_given_a_new_password_is_bound_anew(center: Center, house: IdentityProvider) -> None:
    login, now = center.person("desk", login="3022"), center.clock.now()
    house.person = {"sub": "s-20", "preferred_username": login}
    first, again = center.browser(), center.browser()
    back(first, to_provider(first))
    key = center.account(login)["id"]
    center.store.write(lambda one: give_password(one, center.trial.hall, key, "?", None, now))
    house.person = {"sub": "s-21", "preferred_username": login}
    assert back(again, to_provider(again)) == "/desk" and signed_in(again)["name"] == login


def test_who_comes_back_again_and_again_fills_no_log(center: Center) -> None:
    limit = center.app.extensions["hallcall"].sign_ins
    limit.most = 3
    led = [center.app.test_client().get(BACK, environ_base={"REMOTE_ADDR": "10.0.0.9"}) for _ in range(6)]
    limit.most = 20
    assert ["why=too_many" in one.headers["Location"] for one in led] == [False] * 3 + [True] * 3
    lines = center.store.read(lambda one: one.execute(select(access_log.c.detail)).scalars().all())
    assert [line for line in lines if "10.0.0.9" in line] == ["openid 10.0.0.9"] * 3


LIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda claims: {**claims, "iss": "http://127.0.0.1:1"},
    "for another client": lambda claims: {**claims, "aud": "another"},
    "another sign-in's": lambda claims: {**claims, "nonce": "another"},
    "without nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "too old": lambda claims: {**claims, "iat": time.time() - 9000, "exp": time.time() - 8000},
    "about nobody": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_a_word_that_is_not_for_this_sign_in_lets_nobody_in(center: Center, house: IdentityProvider, lie: Any) -> None:
    house.lie, browser = lie, center.browser()
    assert "why=openid" in back(browser, to_provider(browser)) and signed_in(browser) is None


def test_a_word_signed_by_another_key_lets_nobody_in(center: Center, house: IdentityProvider) -> None:
    house.signing, browser = house.stranger, center.browser()
    assert "why=openid" in back(browser, to_provider(browser)) and signed_in(browser) is None


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_word_without_the_providers_own_signature_lets_nobody_in(
    center: Center, house: IdentityProvider, algorithm: str
) -> None:
    house.algorithm, house.signing = algorithm, OctKey.import_key(house.secret)
    browser = center.browser()
    assert "why=openid" in back(browser, to_provider(browser)) and signed_in(browser) is None


def test_who_comes_back_must_have_left_from_here(center: Center) -> None:
    browser, other = center.browser(), center.browser()
    address = to_provider(browser)
    assert "why=openid" in back(other, address), "another browser has not the cookie"
    query = parse_qs(urlsplit(address).query)
    forged = f"{BACK}?code={query['code'][0]}&state=another"
    assert "why=openid" in browser.client.get(forged).headers["Location"]
    assert signed_in(browser) is None and signed_in(other) is None
    assert len(center.log("sign_in_refused")) >= 1


def test_a_provider_that_is_away_leads_back_to_the_page_with_the_reason(urls: dict[str, str]) -> None:
    away = Center.found(urls["sqlite"], provider=Provider(OpenId(issuer="http://127.0.0.1:9", client_id="x"), None))
    led = away.app.test_client().get("/sign-in/openid", query_string={"hall": away.trial.hall})
    assert "why=away" in led.headers["Location"]
    without = Center.found(urls["sqlite"])
    assert without.app.test_client().get("/sign-in/openid").status_code == 404
