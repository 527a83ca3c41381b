"""What clerks do at a window."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response
from flask_openapi3 import Tag

from hall.errors import HallError
from hall.words import VisitorClass
from server import queries
from server.actions import calls, holding, missing, serving, transfers, undoing, windows
from server.actions.serving import Ending
from server.actions.tickets import Wanted
from server.actions.transfers import Sending, Target
from server.api.context import command, house, language, moment, ticket_body, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Body, Empty, ErrorAnswer, WindowPath
from server.api.moving_models import Hold, Resume
from server.api.serving_models import ChangeMatter, Complete, Transfer, WalkIn
from server.api.ticket_models import TicketAnswer
from server.api.window_models import (
    CallNext,
    CallNumber,
    CloseWindow,
    LeftAnswer,
    NoShow,
    OpenWindow,
    PauseWindow,
    WindowAnswer,
)
from server.command import Done, Tx
from server.people import Principal

tag = Tag(name="windows", description="Calling and serving")
api = Api(
    "windows",
    __name__,
    url_prefix="/api/v1/halls/<hall>/windows/<window>",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


def _run(path: WindowPath, body: Body, act: Callable[[Tx, Principal, str], Done]) -> Any:
    by = who()
    if by.window is not None and by.window != path.window:
        raise HallError("not_allowed", role=by.role)
    return command(path.hall, body, lambda tx: act(tx, by, path.window))


def _ticket(path: WindowPath, body: Body, act: Callable[[Tx, Principal, str], Done]) -> Any:
    return ticket_body(_run(path, body, act))


def _window(path: WindowPath, body: Body, act: Callable[[Tx, Principal, str], Done]) -> Any:
    _run(path, body, act)
    found = house().store.read(lambda connection: queries.one_window(connection, path.hall, path.window, True))
    if found["ticket"] is not None:
        found["ticket"] = ticket_body(found["ticket"])["ticket"]
    return {"window": found}


def _left(path: WindowPath, body: Body, act: Callable[[Tx, Principal, str], Done]) -> Any:
    """As `_window`, warning where its lines have no window now."""
    answer, store = _window(path, body, act), house().store
    said, now = language(), store.clock.now()
    warn = partial(queries.last_window_warning, hall=path.hall, window=path.window, now=now, language=said)
    return {**answer, "warning": store.read(warn)}


@api.post("/open", responses={200: WindowAnswer})
def open_window(path: WindowPath, body: OpenWindow) -> Any:
    """Opens the window and claims it."""
    return _window(path, body, lambda tx, by, window: windows.open_window(tx, by, window, body.take_over))


@api.post("/pause", responses={200: LeftAnswer})
def pause_window(path: WindowPath, body: PauseWindow) -> Any:
    """Pauses the window, until a time where one is given."""
    until = moment(path.hall, body.until) if body.until else None
    return _left(
        path,
        body,
        lambda tx, by, window: windows.pause_window(tx, by, window, body.reason, until, body.after_current),
    )


@api.post("/close", responses={200: LeftAnswer})
def close_window(path: WindowPath, body: CloseWindow) -> Any:
    """Closes the window and releases its clerk."""
    return _left(
        path,
        body,
        lambda tx, by, window: windows.close_window(tx, by, window, body.reason, body.after_current),
    )


@api.post("/call-next", responses={200: TicketAnswer, 204: None})
def call_next(path: WindowPath, body: CallNext) -> Any:
    """Calls who is next; 204 when nobody waits."""
    answer = _run(path, body, lambda tx, by, window: calls.call_next(tx, by, window, body.finish))
    return ticket_body(answer) if answer is not None else Response(status=204)


@api.post("/call", responses={200: TicketAnswer})
def call_number(path: WindowPath, body: CallNumber) -> Any:
    """Calls a chosen number, with a reason."""
    return _ticket(
        path,
        body,
        lambda tx, by, window: calls.call_number(tx, by, window, body.number, body.reason, body.finish),
    )


@api.post("/recall", responses={200: TicketAnswer})
def recall_ticket(path: WindowPath, body: Empty) -> Any:
    """Calls the number once more."""
    return _ticket(path, body, calls.recall_ticket)


@api.post("/start", responses={200: TicketAnswer})
def start_ticket(path: WindowPath, body: Empty) -> Any:
    """The visitor has arrived."""
    return _ticket(path, body, calls.start_ticket)


@api.post("/complete", responses={200: TicketAnswer})
def complete_ticket(path: WindowPath, body: Complete) -> Any:
    """Ends the service; a ticket with more to come waits on instead, for its next leg or the rest of its pieces."""
    ending = Ending(body.outcome, body.case_number, body.note, body.all)
    return _ticket(path, body, lambda tx, by, window: serving.complete_ticket(tx, by, window, ending))


@api.post("/transfer", responses={200: TicketAnswer})
def transfer_ticket(path: WindowPath, body: Transfer) -> Any:
    """Sends the number at the window, or a waiting one, to a line, a window or a clerk, with its seniority."""
    target = Target(body.line, body.window, body.clerk)
    sending = Sending(target, body.come_back, body.note, body.number)
    return _ticket(path, body, lambda tx, by, window: transfers.transfer_ticket(tx, by, window, sending))


@api.post("/change-matter", responses={200: TicketAnswer})
def change_matter(path: WindowPath, body: ChangeMatter) -> Any:
    """Another matter is in hand, on the same number; or one more."""
    return _ticket(path, body, lambda tx, by, window: serving.change_matter(tx, by, window, body.matter, body.add))


@api.post("/walk-in", responses={200: TicketAnswer})
def walk_in(path: WindowPath, body: WalkIn) -> Any:
    """Issues, calls and starts a number for a visitor who came without one."""
    wanted = Wanted(body.line, body.matter, VisitorClass.ORDINARY.value, body.language)
    return _ticket(path, body, lambda tx, by, window: calls.walk_in(tx, by, window, wanted))


@api.post("/no-show", responses={200: TicketAnswer})
def mark_no_show(path: WindowPath, body: NoShow) -> Any:
    """The called visitor did not come."""
    return _ticket(path, body, lambda tx, by, window: missing.mark_no_show(tx, by, window, body.early))


@api.post("/hold", responses={200: TicketAnswer})
def hold_ticket(path: WindowPath, body: Hold) -> Any:
    """Sets the number at the window aside, with a reason; after the minutes given it waits in its line again."""
    return _ticket(path, body, lambda tx, by, window: holding.hold_ticket(tx, by, window, body.reason, body.minutes))


@api.post("/resume", responses={200: TicketAnswer})
def resume_ticket(path: WindowPath, body: Resume) -> Any:
    """Takes a held number back to the window."""
    return _ticket(path, body, lambda tx, by, window: holding.resume_ticket(tx, by, window, body.number))


@api.post("/undo", responses={200: TicketAnswer})
def undo_move(path: WindowPath, body: Empty) -> Any:
    """Takes back the last move at the window."""
    return _ticket(path, body, undoing.undo_move)
