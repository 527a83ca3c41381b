"""The permission matrix as it is told: every page, call and event with the roles it is for."""

from collections.abc import Iterable, Mapping

from flask import Flask

from hall.words import Role
from server.matrix import ANYONE, DESK, EVENTS, HEARD, MAY, WINDOW
from server.office import OFFICE

Roles = frozenset[Role] | None

PAGES: Mapping[str, Roles] = {
    "/": ANYONE,
    "/sign-in": ANYONE,
    "/sign-in/openid": ANYONE,
    "/sign-in/openid/back": ANYONE,
    "/clerk": WINDOW,
    "/desk": DESK,
    **{f"/{path}": frozenset(page.roles) for path, page in OFFICE.items()},
    "/hall": ANYONE,
    "/hall/live": ANYONE,
    "/hall/matters": ANYONE,
    "/booking": ANYONE,
    "/booking/<code>": ANYONE,
    "/remote": ANYONE,
    "/t/<code>": ANYONE,
    "/t/<code>/<act>": ANYONE,
    "/t/<code>/rating": ANYONE,
    "/t/<code>/complaint": ANYONE,
    "/t/worker.js": ANYONE,
    "/c": ANYONE,
    "/c/<code>": ANYONE,
    "/c/<code>/rating": ANYONE,
    "/board": ANYONE,
    "/board/plain": ANYONE,
    "/window/<window>": ANYONE,
    "/rate/<window>": ANYONE,
    "/web/<path:path>": ANYONE,
    "/pages/<room>/<path:path>": ANYONE,
    "/texts/<language>/<domain>.json": ANYONE,
    "/api/v1/docs": ANYONE,
    "/api/v1/openapi.json": ANYONE,
    "/healthz": ANYONE,
    "/readyz": ANYONE,
    "/metrics": ANYONE,
}
"""Whom a page is for, by its address; what it reads and does is let through or refused by the API's own rule."""

_WORDS = {
    "Pages": "A page shows itself to these roles alone; what stands in it comes by the calls below.",
    "Calls": "Refused with 401 without a sign-in or token, with 403 to every other role, before anything runs. Each is "
    "for one's own hall alone. People of a stationed unit are judged once more by what a call would do to their unit.",
    "Events of Socket.IO that a client sends": "A phone connects with the code of its slip.",
    "Events of Socket.IO that a client hears": "`events` come whole to people and without notes, reasons, clerks, "
    "classes and why to devices; `print`, `test` and `desk_answered` to the one device they are meant for; `ticket` to "
    "the phone that has its code.",
}


def matrix(routes: Flask) -> str:
    """The whole matrix in Markdown; `routes`: an app that has the API's routes."""
    known = {rule.endpoint.rpartition(".")[2]: rule for rule in routes.url_map.iter_rules()}
    calls = {}
    for name, roles in MAY.items():
        methods = "/".join(sorted((known[name].methods or set()) - {"HEAD", "OPTIONS"}))
        calls[f"`{methods} {known[name].rule.removeprefix('/api/v1')}` {name}"] = roles
    parts = zip(_WORDS, (_ticked(PAGES), calls, _ticked(EVENTS), _ticked(HEARD)), strict=True)
    told = [f"## {title}\n\n{_WORDS[title]}\n\n{_table(rows)}" for title, rows in parts]
    head = "# Who may what\n\nWritten by `hallcall permissions`; a test holds it to the code. ● this role, ○ anyone.\n"
    return "\n".join([head, *told])


def _ticked(rules: Mapping[str, Roles]) -> dict[str, Roles]:
    return {f"`{name}`": roles for name, roles in rules.items()}


def _table(rows: Mapping[str, Roles]) -> str:
    lines = [_row("", [role.value for role in Role]), _row("---", ["---"] * len(Role))]
    return "\n".join([*lines, *(_row(name, _marks(roles)) for name, roles in rows.items())]) + "\n"


def _marks(roles: Roles) -> Iterable[str]:
    return ["○" if roles is None else "●" if role in roles else "" for role in Role]


def _row(first: str, cells: Iterable[str]) -> str:
    return " | ".join([f"| {first}", *cells]) + " |"
