"""The center's catalogue: units, lines, matters, windows, hours and who is stationed where, read and changed."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request
from flask_openapi3 import Tag
from pydantic import ValidationError
from sqlalchemy import Connection

from hall.errors import HallError
from hall.layout import PARTS
from hall.texts import best_language
from hall.values import Part
from server.actions.arranging import Make, change_layout
from server.actions.drafting import with_part, with_rows, with_settings, without
from server.api.context import command, house, language, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.layout_models import (
    Changes,
    ChangeSettings,
    ClosePart,
    Imported,
    ImportForm,
    LayoutAnswer,
    PartPath,
    PartsAnswer,
    PartsPath,
    PartsQuery,
    PutPart,
)
from server.api.models import Body, ErrorAnswer, HallPath
from server.api.refusals import bad_value
from server.catalogue_parts import layout_state, parts_found
from server.command import Done, Tx
from server.files.answers import csv_answer, xlsx_answer
from server.files.columns import as_table
from server.files.imports import Mistake, parts_from_rows
from server.files.uploads import LARGEST_FILE, beside_loop, read_table
from server.layout.kept import Layout
from server.layout.parts import foresee
from server.layout.refusals import planned
from server.queries import known_layout

api = Api(
    "layout",
    __name__,
    url_prefix="/api/v1/halls/<hall>/layout",
    abp_tags=[Tag(name="layout", description="The center's catalogue: what its administrators arrange")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
MOST_TOLD = 200


@api.get("", responses={200: LayoutAnswer})
def layout_now(path: HallPath) -> Any:
    """The layout as it stands, all but matters and assignments."""
    return house().store.read(partial(layout_state, hall=path.hall))


@api.get("/<part>", responses={200: PartsAnswer})
def layout_parts(path: PartsPath, query: PartsQuery) -> Any:
    """Some parts of a kind, searched and paged; closed ones where they are asked for.

    As a file it holds all that is found, in columns that an import takes back.
    """
    found = _found(path, query)
    if query.form != "json":
        return _file(path, query, found)
    start = next((place + 1 for place, one in enumerate(found) if one["id"] == query.after), 0)
    page = found[start : start + query.limit]
    return {
        "parts": [{"value": one, "closed": query.state == "closed"} for one in page],
        "total": len(found),
        "after": page[-1]["id"] if start + query.limit < len(found) else None,
    }


def _found(path: PartsPath, query: PartsQuery) -> list[dict[str, Any]]:
    def find(connection: Connection) -> list[dict[str, Any]]:
        closed = query.state == "closed"
        return parts_found(connection, path.hall, path.part, closed, query.text, query.unit, query.line)

    return house().store.read(find)


def _file(path: PartsPath, query: PartsQuery, found: list[dict[str, Any]]) -> Any:
    made = csv_answer if query.form == "csv" else xlsx_answer
    return made(f"{path.hall}-{path.part}", *as_table(path.part, found, _language(query.language)))


def _language(wanted: str | None) -> str:
    return best_language([wanted]) if wanted else language()


@api.post("/import/<part>", responses={200: Imported, 413: ErrorAnswer})
def import_parts(path: PartsPath, form: ImportForm) -> Any:
    """Takes in a table: its rows are new or change what there is, and nothing is closed by being absent.

    A column that is absent leaves what is there as it is. With any mistake nothing is done and all of them are told.
    """
    data = form.file.read(LARGEST_FILE + 1)
    seen = house().store.read(partial(known_layout, hall=path.hall))
    ones, mistakes = beside_loop(_parts, path.part, data, seen, _language(form.language))
    if mistakes:
        raise HallError("import_refused", count=len(mistakes), mistakes=mistakes)
    make, by = with_rows(path.part, ones, seen), who()
    if form.check == "true":
        return _imported(path.part, ones, house().store.read(partial(_planned, hall=path.hall, make=make)))

    def take_in(tx: Tx) -> Done:
        done = change_layout(tx, by, make, form.reason)
        return Done(_imported(path.part, ones, done.answer["changes"]), done.events)

    said = {"reason": form.reason, "file": hashlib.sha256(data).hexdigest()}
    return house().store.in_hall(path.hall, by.id, form.request_id, take_in, f"POST {request.path}", said)


def _parts(part: str, data: bytes, seen: Layout, said: str) -> tuple[dict[str, Any], list[Mistake]]:
    ones, mistakes = parts_from_rows(part, read_table(data), seen, said)
    if not mistakes:
        foresee(part, ones.values())
    return ones, mistakes


def _planned(connection: Connection, hall: str, make: Make) -> list[dict[str, Any]]:
    """What the change would be, were it made now."""
    changes, refusals = planned(connection, make(known_layout(connection, hall)))
    if refusals:
        raise HallError("layout_refused", refusals=refusals)
    return [change.told() for change in changes]


def _imported(part: str, ones: Mapping[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = Counter(change["kind"] for change in changes if change["part"] == part)
    added, changed = kinds["added"] + kinds["reopened"], kinds["changed"]
    same = len(ones) - added - changed
    return {"added": added, "changed": changed, "same": same, "changes": changes[:MOST_TOLD]}


@api.post("/<part>/<id>", responses={200: Changes})
def put_part(path: PartPath, body: PutPart) -> Any:
    """A part is new, another than before, or opened again; from now on it holds everywhere."""
    one = _parsed(path, body.value, "value")
    before = None if body.before is None else _parsed(path, body.before, "before")
    return _change(path.hall, body, with_part(path.part, one, before), body.reason)


@api.post("/<part>/<id>/close", responses={200: Changes})
def close_part(path: PartPath, body: ClosePart) -> Any:
    """A part leaves the layout; what happened in it keeps its names, and it may be opened again."""
    return _change(path.hall, body, without(path.part, path.id), body.reason)


@api.post("/settings", responses={200: Changes})
def change_settings(path: HallPath, body: ChangeSettings) -> Any:
    """Hours, calendar, rules, categories and the hall's name."""
    return _change(path.hall, body, with_settings(body.values, body.before), body.reason)


def _change(hall: str, body: Body, make: Make, reason: str) -> Any:
    by = who()
    return command(hall, body, lambda tx: change_layout(tx, by, make, reason))


def _parsed(path: PartPath, value: dict[str, Any], field: str) -> Part:
    if value.get("id", path.id) != path.id:
        raise HallError("bad_body", field=f"{field}.id", expected=path.id)
    try:
        return PARTS[path.part].model_validate({**value, "id": path.id})
    except ValidationError as error:
        raise bad_value(error, field) from None
