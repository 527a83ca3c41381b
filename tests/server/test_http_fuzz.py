"""Whatever anybody asks over HTTP, of every role in turn, the server answers no 500 and tells nothing of its inside.

HALLCALL_FUZZ_SECONDS sets how long it is tried: 600 for a release, a few in the suite.
"""

import collections
import itertools
import json
import os
import random
import re
import time
import uuid
from collections.abc import Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from sqlalchemy import insert, select

from hall.words import Role
from server.app import APIS
from server.matrix import MAY
from server.permissions import PAGES
from server.tables.people import accounts
from server.tables.queue import tickets
from server.tables.ratings import cases
from server.tables.visitors import bookings
from tests.server.served import Home, Served
from tests.server.signed_in import PASSWORD, account_row
from tests.server.trial import SetClock

SECONDS = float(os.environ.get("HALLCALL_FUZZ_SECONDS", "4"))
INSIDE = ("Traceback (most", 'File "/', "sqlite3.", "psycopg.", "sqlalchemy.", "site-packages")
CODES = (tickets.c.track_code, bookings.c.code, cases.c.code)
EXAMPLES = 8
ALL_THE_SAME: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
BRACES = str.maketrans("<>", "{}")
STAFF = [role for role in Role if role not in (Role.KIOSK, Role.DISPLAY)]

load_all_checks()
TRUE = [
    CHECKS.get_one(f"{name}_conformance")
    for name in ("status_code", "content_type", "response_headers", "response_schema", "allow_header")
]

pytestmark = [pytest.mark.load, pytest.mark.timeout(SECONDS + 180)]

QUERY = ("language", "hall", "zone", "unit", "q", "to", "code", "complaint", "basic", "state", "day", "month")
FORM = ("level", "reasons", "words", "request_id", "line", "hall", "contact", "give_number", "about", "address")
CHOICES = {
    "act": ("cancel", "late", "notify"), "level": tuple("12345"), "room": ("office", "public"), "domain": ("errors",),
    "language": ("zh-CN", "en"), "path": ("modules/api.js", "office.js", "packages/htm.js"),
}  # fmt: skip
NASTY = (
    "", "\0", "..", "../..", "%", "'\"><script>", "\r\nX: y", "=1+1", "😀" * 30, "9" * 400, "//evil.example", "-1",
    "null", "{{7*7}}", "\u202e", "a" * 2000,
)  # fmt: skip


class Known:
    """What answers have named so far, each under the name by which paths and bodies ask for it."""

    def __init__(self, home: Home) -> None:
        self.random = random.Random(1)
        self.things: dict[str, collections.deque[Any]] = collections.defaultdict(lambda: collections.deque(maxlen=40))
        self.keep("hall", home.hall)
        self.take(home.get("catalogue", "supervisor").json(), "")
        self.take(home.get("windows", "supervisor").json(), "")

    def keep(self, name: str, value: Any) -> None:
        strange = name == "hall" and self.things["hall"]  # others are refused before anything is asked
        if isinstance(value, str) and 0 < len(value) <= 80 and value not in self.things[name] and not strange:
            self.things[name].append(value)

    def take(self, answer: Any, name: str) -> None:
        """`{"tickets": [{"id": "x", "line": "tax"}]}` names a ticket x and a line tax."""
        if isinstance(answer, list):
            for one in answer[-10:]:
                self.take(one, name)
        elif isinstance(answer, dict):
            for key, value in answer.items():
                self.keep(name.removesuffix("s") if key == "id" else key, value)
                self.take(value, key)

    def swap(self, given: Any, share: float) -> None:
        """Puts what is known in place of what was made up, in some of a case's values."""
        for key in list(given) if isinstance(given, dict) else ():
            found = self.things.get({"with": "ticket", "owner": "account", "move_to": "line"}.get(key, key))
            if found and key != "request_id" and self.random.random() < share:
                given[key] = self.random.choice(found)


def who_may() -> dict[str, list[Role]]:
    """{"GET /api/v1/halls/{hall}/board": roles} by the rules of the gate."""
    routes, found = Flask(__name__), {}
    for api in APIS:
        routes.register_blueprint(api)
    for rule in routes.url_map.iter_rules():
        roles = MAY.get(rule.endpoint.rpartition(".")[2])
        for method in rule.methods or ():
            found[f"{method} {rule.rule.translate(BRACES)}"] = sorted(roles or Role)
    return found


class Asker:
    """Asks as every role, by token and by the session of an account; each time from an address of its own."""

    def __init__(self, home: Home) -> None:
        self.home, self.known, self.random = home, Known(home), random.Random(2)
        self.counts: collections.Counter[int] = collections.Counter()
        self._may = who_may()
        self._signed_in: dict[Role, dict[str, str]] = {}

    def role(self, call: str) -> Role:
        """One that may; now and then any."""
        return self.random.choice(self._may[call] if self.random.random() < 0.95 else list(Role))

    def headers(self, role: Role) -> dict[str, str]:
        """What tells the server who asks."""
        address = {"X-Forwarded-For": f"198.51.{self.random.randrange(256)}.{self.random.randrange(256)}"}
        if role not in STAFF or self.random.random() < 0.5:
            window = self.random.choice((None, "w1", "w2")) if role is Role.CLERK else None
            return {**address, "Authorization": f"Bearer {self.home.token(role, window)}"}
        if role not in self._signed_in:
            self._signed_in[role] = self._session(role, address)
        return {**address, **self._signed_in[role]}

    def _session(self, role: Role, address: dict[str, str]) -> dict[str, str]:
        unit = "u" if role is Role.UNIT_HEAD else None
        row = account_row(self.home.hall, role, f"f-{uuid.uuid4().hex[:12]}", unit, SetClock().now())
        self.home.served.store.write(lambda connection: connection.execute(insert(accounts), row))
        self.known.keep("account", row["id"])
        body = {"login": row["login"], "password": PASSWORD, "hall": self.home.hall}
        opened = self.home.ask("POST", "/api/v1/sign-in", body=body, headers=address)
        assert opened.status_code == 200, opened.text
        cookie = f"hallcall={opened.cookies['hallcall']}"
        return {"Cookie": cookie, "X-CSRF-Token": opened.json()["session"]["csrf"]}

    def learn(self, role: Role, answer: Any) -> None:
        """What is inside no answer may tell; what else it tells is asked with from now on."""
        self.counts[answer.status_code] += 1
        said = answer.content.decode(errors="replace")
        assert answer.status_code < 500, f"{role} {answer.request.method} {answer.request.url} {said[:300]}"
        assert not [word for word in INSIDE if word in said], said[:2000]
        if answer.status_code == 401:  # shut out or signed out by what was asked before
            self._signed_in.pop(role, None)
            self.home.forget(role)
        if answer.status_code < 300 and said.startswith("{"):
            self.known.take(json.loads(said), "")

    def codes(self) -> None:
        """Codes of slips, bookings and cases, which no answer tells but to whom they belong."""
        for column in CODES:
            asked = select(column).where(column.is_not(None)).limit(300)
            found = self.home.served.store.read(partial(lambda one, connection: list(connection.scalars(one)), asked))
            for code in self.random.sample(found, min(10, len(found))):
                self.known.keep("code", code)


@cache
def made_up(operation: Any, mode: GenerationMode) -> Any:
    return operation.as_strategy(generation_mode=mode)


def fault_of(operation: Any, asker: Asker, turn: int) -> str:
    """What is wrong with one operation's answers; empty where nothing is."""
    mode = GenerationMode.NEGATIVE if turn % 3 == 2 else GenerationMode.POSITIVE
    told = ""

    @seed(turn)
    @settings(max_examples=EXAMPLES, **ALL_THE_SAME)
    @given(case=made_up(operation, mode))
    def some(case: Any) -> None:
        nonlocal told
        for given_, share in ((case.path_parameters, 0.9), (case.query, 0.3), (case.body, 0.6)):
            asker.known.swap(given_, share)
        (case.headers or {}).pop("Authorization", None)  # a made-up one would stand before a session
        role = asker.role(operation.label)
        told = f"{role} {case.as_curl_command()}"
        answer = case.call(headers=asker.headers(role), timeout=30)
        asker.learn(role, answer)
        case.validate_response(answer, checks=TRUE)

    try:
        some()
    except Unsatisfiable:  # every text is a good one: nothing wrong can be made up
        return ""
    except (Exception, FailureGroup) as error:  # the others are asked all the same
        return f"{operation.label} ({turn}): {error!r:.1500} {told}"
    return ""


def test_no_role_finds_a_fault_in_any_call(served: Served, home: Home) -> None:
    described = schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json")
    operations = [found.ok() for found in described.get_all_operations()]
    asker, end, faults = Asker(home), time.monotonic() + SECONDS, []
    for turn in itertools.count():
        if turn % 20 == 0:
            asker.codes()
            home.post("tickets", "desk", {"line": "tax"})
        if turn % len(operations) == 0:
            asker.random.shuffle(operations)
        if time.monotonic() > end:
            break
        faults += filter(None, [fault_of(operations[turn % len(operations)], asker, turn)])
    print(f"{sum(asker.counts.values())} calls of {len(operations)} kinds: {dict(sorted(asker.counts.items()))}")
    assert faults == []
    assert "Traceback" not in served.process.said()


class Scribbler:
    """Makes up what stands in a page's address and form: what is known, and what is nasty."""

    def __init__(self, known: Known) -> None:
        self.random, self.known = known.random, known.things
        for name, values in CHOICES.items():
            self.known[name].extend(values)

    def value(self, name: str) -> str:
        known = self.known.get(name)
        return str(self.random.choice(known if known and self.random.random() < 0.6 else NASTY))

    def fields(self, names: Sequence[str]) -> dict[str, str]:
        return {name: self.value(name) for name in self.random.sample(names, self.random.randrange(len(names) + 1))}

    def address(self, rule: str) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(self.value(found[1])[:3000] or "x", safe=""), rule)


def test_nobody_finds_a_fault_in_any_page(served: Served, home: Home) -> None:
    asker, end = Asker(home), time.monotonic() + SECONDS / 4
    scribbler = Scribbler(asker.known)
    while time.monotonic() < end:
        asker.codes()
        home.post("tickets", "desk", {"line": "tax"})
        for rule in PAGES:
            role = asker.random.choice(list(Role))
            headers = asker.headers(role) | {"Accept": asker.random.choice(("*/*", "application/json"))}
            asked = {"url": served.url + scribbler.address(rule), "params": scribbler.fields(QUERY), "timeout": 30}
            method, form = ("GET", None) if asker.random.random() < 0.5 else ("POST", scribbler.fields(FORM))
            answer = requests.request(method, data=form, headers=headers, allow_redirects=False, **asked)
            asker.learn(role, answer)
    print(f"{sum(asker.counts.values())} pages: {dict(sorted(asker.counts.items()))}")
    assert "Traceback" not in served.process.said()
