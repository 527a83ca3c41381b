"""The center's catalogue: units, lines, matters, windows, hours and who is stationed where, read and changed."""

from functools import partial
from typing import Any

from flask_openapi3 import Tag
from pydantic import ValidationError
from sqlalchemy import Connection

from hall.errors import HallError
from hall.layout import PARTS, Part
from server.actions.arranging import Make, change_layout
from server.actions.drafting import with_part, with_settings, without
from server.api.context import command, house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.layout_models import (
    Changes,
    ChangeSettings,
    ClosePart,
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

api = Api(
    "layout",
    __name__,
    url_prefix="/api/v1/halls/<hall>/layout",
    abp_tags=[Tag(name="layout", description="The center's catalogue: what its administrators arrange")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.get("", responses={200: LayoutAnswer})
def layout_now(path: HallPath) -> Any:
    """The layout as it stands, all but matters and assignments."""
    return house().store.read(partial(layout_state, hall=path.hall))


@api.get("/<part>", responses={200: PartsAnswer})
def layout_parts(path: PartsPath, query: PartsQuery) -> Any:
    """Some parts of a kind, searched and paged; closed ones where they are asked for."""
    found = _found(path, query)
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
