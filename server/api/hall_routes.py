"""Reading a hall: halls, catalogue, windows, board, journal."""

from typing import Any

from flask_openapi3 import Tag

from hall.errors import HallError
from hall.events import public
from server import queries
from server.api.context import house, language, who
from server.api.described import Api
from server.api.hall_models import BoardAnswer, BoardQuery, CatalogueAnswer, HallsAnswer, JournalAnswer, JournalQuery
from server.api.models import ErrorAnswer, HallPath, LanguageQuery, WindowPath
from server.api.window_models import TodayAnswer, WindowAnswer, WindowsAnswer
from server.journal import answer_since

REFUSALS: Any = dict.fromkeys((401, 403, 404, 413, 415, 422, 503), ErrorAnswer)
tag = Tag(name="hall", description="What is so")
api = Api(
    "hall",
    __name__,
    url_prefix="/api/v1/halls",
    abp_tags=[tag],
    abp_responses=REFUSALS,
    abp_security=[{"token": []}],
)


@api.get("", responses={200: HallsAnswer}, security=[{}])
def halls() -> dict[str, Any]:
    """The halls of this server."""
    said = language()
    return {"halls": house().store.read(lambda connection: queries.hall_list(connection, said))}


@api.get("/<hall>/catalogue", responses={200: CatalogueAnswer})
def catalogue(path: HallPath, query: LanguageQuery) -> Any:
    """Units, lines and matters in one language, with what is open and how long one waits."""
    here, said = house(), query.language or language()
    return here.store.read(
        lambda connection: queries.catalogue(
            connection, path.hall, said, here.store.clock.now(), here.always_open, here.public_url
        )
    )


@api.get("/<hall>/windows", responses={200: WindowsAnswer})
def windows(path: HallPath) -> Any:
    """Every window with its state and the ticket there."""
    found = house().store.read(lambda connection: queries.window_list(connection, path.hall))
    return {"windows": [_with_track_url(one) for one in found]}


@api.get("/<hall>/windows/<window>", responses={200: WindowAnswer})
def window(path: WindowPath) -> Any:
    """One window with its state and the ticket there."""
    found = house().store.read(lambda connection: queries.one_window(connection, path.hall, path.window, who().staff))
    return {"window": _with_track_url(found)}


def _with_track_url(found: dict[str, Any]) -> dict[str, Any]:
    if found["ticket"] is not None:
        del found["ticket"]["track_code"]
        found["ticket"]["track_url"] = None
    return found


@api.get("/<hall>/windows/<window>/today", responses={200: TodayAnswer})
def window_today(path: WindowPath) -> Any:
    """Today's own figures of a window."""
    return house().store.read(lambda connection: queries.window_today(connection, path.hall, path.window))


@api.get("/<hall>/board", responses={200: BoardAnswer})
def board(path: HallPath, query: BoardQuery) -> Any:
    """The snapshot of the hall board, of one zone or the whole hall."""
    found = house().store.read(lambda connection: queries.board(connection, path.hall))
    if query.zone is None:
        return found
    inside = {one["id"] for one in found["windows"] if one["zone"] == query.zone}
    found["windows"] = [one for one in found["windows"] if one["id"] in inside]
    found["calls"] = [call for call in found["calls"] if call["window"] in inside]
    return found


@api.get("/<hall>/journal", responses={200: JournalAnswer})
def journal(path: HallPath, query: JournalQuery) -> Any:
    """The events after `since`, in order."""
    answer = house().store.read(
        lambda connection: answer_since(connection, path.hall, query.since, query.epoch, query.limit)
    )
    if answer is None:
        raise HallError("not_found", what="hall", id=path.hall)
    if not who().staff:
        answer["events"] = [public(event) for event in answer["events"]]
    return answer
