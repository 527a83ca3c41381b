"""The hall today: how all stands, lines lent to windows for a time, lines suspended."""

from functools import partial
from typing import Any

from flask_openapi3 import Tag

from server.actions import lending, suspending
from server.actions.lending import Loan
from server.actions.suspending import Suspending
from server.api.context import command, house, language, moment, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import ErrorAnswer, HallPath, LanguageQuery, WindowPath
from server.api.today_models import (
    Because,
    HallToday,
    Lend,
    LentAnswer,
    LentPath,
    LinePath,
    ResumedAnswer,
    Suspend,
    SuspendedAnswer,
)
from server.today import today

api = Api(
    "today",
    __name__,
    url_prefix="/api/v1/halls/<hall>",
    abp_tags=[Tag(name="today", description="Watching over the hall")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.get("/today", responses={200: HallToday})
def hall_today(path: HallPath, query: LanguageQuery) -> Any:
    """Every line and window as it stands, and since when."""
    here, said = house(), query.language or language()
    now = here.store.clock.now()
    return here.store.read(partial(today, hall=path.hall, language=said, now=now, always_open=here.always_open))


@api.post("/windows/<window>/lines", responses={200: LentAnswer})
def lend_line(path: WindowPath, body: Lend) -> Any:
    """The window serves one more line until a time, at the latest until the day's end."""
    by, until = who(), moment(path.hall, body.until)
    loan = Loan(path.window, body.line, body.rank, until, body.reason)
    return command(path.hall, body, lambda tx: lending.lend_line(tx, by, loan))


@api.post("/windows/<window>/lines/<line>/return", responses={200: LentAnswer})
def take_back_line(path: LentPath, body: Because) -> Any:
    """A lent line goes back before its time."""
    by = who()
    return command(path.hall, body, lambda tx: lending.take_back(tx, by, path.window, path.line, body.reason))


@api.post("/lines/<line>/suspend", responses={200: SuspendedAnswer})
def suspend_line(path: LinePath, body: Suspend) -> Any:
    """No numbers of the line until a time; who has one is served on, or goes on in another line."""
    by, until = who(), moment(path.hall, body.until)
    asked = Suspending(path.line, body.reason, until, body.move_to)
    return command(path.hall, body, lambda tx: suspending.suspend_line(tx, by, asked))


@api.post("/lines/<line>/resume", responses={200: ResumedAnswer})
def resume_line(path: LinePath, body: Because) -> Any:
    """The line gives numbers again."""
    by = who()
    return command(path.hall, body, lambda tx: suspending.resume_line(tx, by, path.line, body.reason))
