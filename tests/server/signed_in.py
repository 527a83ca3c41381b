"""An app with accounts, in process, and browsers that sign in to it: what the tests of accounts begin with."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from hall.words import Role
from server.actions.day import day_is_over, end_day
from server.actions.due import do_due
from server.app import create_app
from server.command import Days
from server.db import Store, open_engine
from server.sign_in.accounts import first_account
from server.sign_in.passwords import hashed
from server.tables.people import accounts
from tests.server.trial import SetClock, Trial

PASSWORD = "lantern-ferry-9"
_HASH = hashed(PASSWORD)


def in_a_thread(work: Callable[..., Any], *given: Any) -> Any:
    """As `hallcall serve` writes: away from the request, whose context is not there."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *given).result()


def account_row(hall: str, role: str, login: str, unit: str | None, now: datetime) -> dict[str, Any]:
    """An account that has chosen PASSWORD long ago."""
    row = {"hall_id": hall, "id": f"a-{uuid.uuid4().hex[:16]}", "login": login, "name": "人", "role": role}
    row |= {"unit_id": unit, "password_hash": _HASH, "password_at": now, "must_change": False, "recovery": []}
    return {**row, "created_by": "test", "created_at": now}


@dataclass
class Center:
    """One hall with its app; each `browser()` has cookies of its own."""

    trial: Trial
    app: Flask

    @classmethod
    def found(cls, url: str, **options: Any) -> "Center":
        store = Store(open_engine(url), SetClock(), Days(day_is_over, end_day, do_due), in_a_thread)
        trial = Trial.found(store, store.clock)  # type: ignore[arg-type]
        return cls(trial, create_app(store, secret_key="k" * 32, always_open=True, public_url=None, **options))

    @property
    def store(self) -> Store:
        return self.trial.store

    @property
    def clock(self) -> SetClock:
        return self.trial.clock

    def first(self) -> str:
        """The hall's first account, with the password of these tests."""
        assert self.store.write(lambda one: first_account(one, self.trial.hall, _HASH, self.clock.now()))
        return "admin"

    def person(self, role: str, login: str | None = None, unit: str | None = None, **more: Any) -> str:
        """An account that has chosen its password long ago; answers its login."""
        row = {**account_row(self.trial.hall, role, login or f"{role}-1", unit, self.clock.now()), **more}
        self.store.write(lambda one: one.execute(insert(accounts), row))
        return str(row["login"])

    def account(self, login: str) -> dict[str, Any]:
        return next(row for row in self.trial.rows("accounts") if row["login"] == login)

    def browser(self, login: str | None = None) -> "Browser":
        opened = Browser(self)
        if login:
            assert opened.sign_in(login).status_code == 200
        return opened

    def log(self, what: str) -> list[str]:
        return [row["detail"] for row in self.trial.rows("access_log") if row["what"] == what]


@dataclass
class Browser:
    center: Center
    csrf: str = ""
    session: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def client(self) -> FlaskClient:
        return self.center.app.test_client()

    def sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> Any:
        headers = more.pop("headers", {})
        body = {"login": login, "password": password, "hall": self.center.trial.hall, **more}
        answer = self.client.post("/api/v1/sign-in", json=body, headers=headers)
        if answer.status_code == 200:
            self.session = answer.get_json()["session"]
            self.csrf = self.session["csrf"]
        return answer

    def get(self, path: str) -> Any:
        return self.client.get(self._whole(path))

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(self._whole(path), json=body, headers={"X-CSRF-Token": self.csrf})

    def code(self, path: str, **body: Any) -> str:
        """What a call is refused with."""
        return str(self.post(path, **body).get_json()["error"]["code"])

    @property
    def alive(self) -> bool:
        self.center.app.extensions["hallcall"].gate.forget()  # what is remembered for two seconds is not asked about
        return bool(self.get("/api/v1/session").status_code == 200)

    def _whole(self, path: str) -> str:
        return path if path.startswith("/") else f"/api/v1/halls/{self.center.trial.hall}/{path}"


def roles_of_people() -> list[Role]:
    return [role for role in Role if role not in (Role.KIOSK, Role.DISPLAY)]
