"""Day and month sheets, as data and as files."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask_openapi3 import Tag

from hall.errors import HallError
from hall.texts import best_language, say
from hall.words import Role
from server import reports
from server.api.context import house, language, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import ErrorAnswer
from server.api.sheet_models import DayPath, DaySheet, MonthPath, MonthSheet, SheetQuery
from server.files.answers import csv_answer, xlsx_answer

api = Api(
    "sheets",
    __name__,
    url_prefix="/api/v1/halls/<hall>/sheets",
    abp_tags=[Tag(name="sheets", description="What the hall gave and served, and how long people waited")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
COUNTS = ("issued", "served", "missed", "cancelled", "expired", "unfinished", "called")
MINUTES = ("mean_wait_seconds", "p90_wait_seconds", "mean_service_seconds")
SHARES = ("within_15", "within_30")
FIGURES = (*COUNTS, *MINUTES[:2], *SHARES, MINUTES[2])


@api.get("/day/<day>", responses={200: DaySheet})
def day_sheet(path: DayPath, query: SheetQuery) -> Any:
    """A day's sheet; once the day is over it is the closing report, with the root of the journal."""
    said = best_language([query.language]) if query.language else language()
    made = partial(reports.day_sheet, hall=path.hall, day=path.day, unit=own_unit(), language=said)
    return _answer(house().store.read(made), query, said, f"{path.hall}-{path.day}")


@api.get("/month/<month>", responses={200: MonthSheet})
def month_sheet(path: MonthPath, query: SheetQuery) -> Any:
    """A month's sheet, with a row for each day."""
    said = best_language([query.language]) if query.language else language()
    made = partial(reports.month_sheet, hall=path.hall, month=path.month, unit=own_unit(), language=said)
    return _answer(house().store.read(made), query, said, f"{path.hall}-{path.month}")


def own_unit() -> str | None:
    """The one unit whose figures a person may see; None: all of them."""
    by = who()
    if by.role == Role.UNIT_HEAD and by.unit is None:
        raise HallError("not_allowed", role=by.role)
    return by.unit


def _answer(sheet: dict[str, Any], query: SheetQuery, said: str, name: str) -> Any:
    if query.form == "json":
        return sheet
    made = csv_answer if query.form == "csv" else xlsx_answer
    header = [say(said, f"sheets.{key}") for key in ("part", "key", "name", *(f"file_{one}" for one in FIGURES))]
    return made(name, header, _rows(sheet, said))


def _rows(sheet: dict[str, Any], said: str) -> Iterator[list[Any]]:
    """The whole sheet as one table: in all first, then each part."""
    yield [say(said, "sheets.total"), "", "", *_cells(sheet["total"])]
    for part in ("lines", "units", "windows"):
        for row in sheet[part]:
            name = say(said, "sheets.no_unit") if row["id"] is None else row["name"]
            yield [say(said, f"sheets.{part}"), row["id"] or "", name, *_cells(row)]
    for row in sheet["times"]:
        yield [say(said, "sheets.times"), row["at"], row["at"], *_cells(row)]


def _cells(row: dict[str, Any]) -> list[Any]:
    """As the header says: minutes, and shares in percent."""
    cells = {key: row[key] for key in COUNTS}
    cells |= {key: None if row[key] is None else round(row[key] / 60, 2) for key in MINUTES}
    cells |= {key: None if row[key] is None else round(row[key] * 100, 2) for key in SHARES}
    return [cells[key] for key in FIGURES]
