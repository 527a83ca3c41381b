"""The register of what should be in the hall: read, exported, and decided upon."""

from collections.abc import Callable, Iterator
from typing import Any

from flask_openapi3 import Tag
from sqlalchemy import Connection

from hall.texts import best_language, say
from hall.words import Role
from server import queries
from server.actions import consulting, registering
from server.actions.registering import Document
from server.api.context import command, house, language, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, ErrorAnswer, HallPath
from server.api.register_models import (
    Approval,
    Checked,
    ConsultationAnswer,
    ConsultationPath,
    EnteredAnswer,
    ExemptionAnswer,
    ExemptionPath,
    MatterPath,
    MattersAnswer,
    MattersQuery,
    NewConsultation,
    Proposal,
    RegisterAnswer,
    RegisterQuery,
    WithWords,
)
from server.center import register
from server.files.answers import csv_answer, xlsx_answer
from server.layout.kept import Layout

api = Api(
    "register",
    __name__,
    url_prefix="/api/v1/halls/<hall>/register",
    abp_tags=[Tag(name="register", description="What should be in the hall, and by whose decision it is not")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
COLUMNS = (
    "unit", "name", "id", "entry", "line", "windows", "kind", "status", "reason", "document_number", "decided_on",
    "review_due", "consultation", "unit_signed_at", "center_signed_at",
)  # fmt: skip
EXEMPTION = ("reason", "document_number", "decided_on", "review_due")


def own_unit() -> str | None:
    """The one unit whose matters a person sees; None: all. A unit's head without a unit sees none."""
    by = who()
    return by.unit or ("" if by.role == Role.UNIT_HEAD else None)


def _read(hall: str, read: Callable[[Connection, Layout, Any], Any]) -> Any:
    def reading(connection: Connection) -> Any:
        return read(connection, queries.known_layout(connection, hall), register.day_of(connection, hall))

    return house().store.read(reading)


def _language(query: RegisterQuery) -> str:
    return best_language([query.language]) if query.language else language()


@api.get("", responses={200: RegisterAnswer})
def register_now(path: HallPath, query: RegisterQuery) -> Any:
    """Figures a unit, what waits for a decision or a signature, and the last check; a unit sees its own."""
    unit, said = own_unit(), _language(query)
    return _read(path.hall, lambda connection, layout, day: register.overview(connection, layout, day, unit, said))


@api.get("/matters", responses={200: MattersAnswer})
def register_matters(path: HallPath, query: MattersQuery) -> Any:
    """The matters with where each is handled, by whom it is served, and its exemption or consultation.

    As a file it holds all of them, whatever the limit.
    """
    found = _read(path.hall, lambda connection, layout, day: list(_matters(connection, layout, day, query)))
    if query.form != "json":
        return _file(path.hall, query, found)
    page = found[: query.limit]
    return {"matters": page, "after": page[-1]["id"] if len(found) > query.limit else None}


def _matters(connection: Connection, layout: Layout, day: Any, query: MattersQuery) -> Iterator[dict[str, Any]]:
    """Those after `after` in the layout's order, which that one has whatever became of it since."""
    unit, text = own_unit(), query.text.strip().lower()
    rows = register.matter_rows(connection, layout, day, _language(query))
    if query.after in layout.matters:
        next(one for one in rows if one["id"] == query.after)
    for one in rows:
        mine = unit in (None, one["unit"]) and query.unit in (None, one["unit"])
        if mine and query.entry in (None, one["entry"]) and text in f"{one['name']} {one['id']}".lower():
            yield one


def _file(hall: str, query: MattersQuery, found: list[dict[str, Any]]) -> Any:
    said = _language(query)
    made = csv_answer if query.form == "csv" else xlsx_answer
    header = [say(said, f"register.column_{name}") for name in COLUMNS]
    return made(f"{hall}-register", header, (_cells(one, said) for one in found))


def _cells(one: dict[str, Any], said: str) -> list[Any]:
    exemption, consultation = one["exemption"] or {}, one["consultation"] or {}
    told = {
        **one,
        "unit": one["unit_name"],
        "entry": say(said, f"register.entry_{one['entry']}"),
        "line": one["line_name"],
        "windows": ", ".join(one["windows"]),
        **{key: exemption.get(key) for key in EXEMPTION},
        "kind": exemption and say(said, f"register.kind_{exemption['kind']}"),
        "status": exemption and say(said, f"register.status_{exemption['status']}"),
        "consultation": consultation and say(said, f"register.consultation_{consultation['status']}"),
        **{f"{side}_signed_at": consultation.get(f"{side}_signed_at") for side in ("unit", "center")},
    }
    return [told[name] or "" for name in COLUMNS]


@api.post("/check", responses={200: Checked})
def check_register(path: HallPath, body: Empty) -> Any:
    """Looks at once whether every matter in the hall can be reached, as each day's end does."""
    by = who()
    return command(path.hall, body, lambda tx: registering.check_register(tx, by))


@api.post("/exemptions", responses={200: ExemptionAnswer})
def propose_exemption(path: HallPath, body: Proposal) -> Any:
    """Proposes that a matter stays out of the hall; nothing changes until the government decides."""
    by, given = who(), (body.matter, body.kind, body.reason)
    return command(path.hall, body, lambda tx: registering.propose_exemption(tx, by, *given))


@api.post("/exemptions/<exemption>/approve", responses={200: ExemptionAnswer})
def approve_exemption(path: ExemptionPath, body: Approval) -> Any:
    """The government's decision, or its review of one: the matter leaves the kiosk's catalogue."""
    by = who()
    document = Document(body.document_number, body.decided_on, body.review_due, body.replaces)
    return command(path.hall, body, lambda tx: registering.approve_exemption(tx, by, path.exemption, document))


@api.post("/exemptions/<exemption>/reject", responses={200: ExemptionAnswer})
def reject_exemption(path: ExemptionPath, body: WithWords) -> Any:
    """The government decides that the matter stays where it is."""
    by = who()
    return command(path.hall, body, lambda tx: registering.reject_exemption(tx, by, path.exemption, body.reason))


@api.post("/exemptions/<exemption>/end", responses={200: ExemptionAnswer})
def end_exemption(path: ExemptionPath, body: WithWords) -> Any:
    """The government takes an approval back: the matter is in the hall again, or should be."""
    by = who()
    return command(path.hall, body, lambda tx: registering.end_exemption(tx, by, path.exemption, body.reason))


@api.post("/matters/<matter>/enter", responses={200: EnteredAnswer})
def enter_hall(path: MatterPath, body: WithWords) -> Any:
    """Brings a matter into the hall, where a line and a window serve it."""
    by = who()
    return command(path.hall, body, lambda tx: registering.enter_hall(tx, by, path.matter, body.reason))


@api.post("/consultations", responses={200: ConsultationAnswer})
def open_consultation(path: HallPath, body: NewConsultation) -> Any:
    """Asks a unit under dual or vertical management to bring in a matter."""
    by = who()
    return command(path.hall, body, lambda tx: consulting.open_consultation(tx, by, body.matter, body.reason))


@api.post("/consultations/<consultation>/sign", responses={200: ConsultationAnswer})
def sign_consultation(path: ConsultationPath, body: Empty) -> Any:
    """One side's signature; with both the matter is in the hall."""
    by = who()
    return command(path.hall, body, lambda tx: consulting.sign_consultation(tx, by, path.consultation))


@api.post("/consultations/<consultation>/withdraw", responses={200: ConsultationAnswer})
def withdraw_consultation(path: ConsultationPath, body: WithWords) -> Any:
    """The center gives a consultation up."""
    by = who()
    return command(path.hall, body, lambda tx: consulting.withdraw_consultation(tx, by, path.consultation, body.reason))
