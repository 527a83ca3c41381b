"""Tickets and slips: issue, look up, cancel, reprint, report."""

from typing import Any

from flask import Response, jsonify
from flask_openapi3 import Tag

from hall.errors import HallError
from hall.words import Role, VisitorClass
from server import queries
from server.actions import missing, scanning, visitor
from server.actions import tickets as actions
from server.actions.tickets import Wanted
from server.api.context import command, house, ticket_body, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, ErrorAnswer, HallPath, SlipPath, TicketPath
from server.api.moving_models import Scan, ScanAnswer
from server.api.ticket_models import (
    NewTicket,
    Reprint,
    SlipAnswer,
    SlipResult,
    SlipsAnswer,
    SlipsQuery,
    TicketAnswer,
    TicketsAnswer,
    TicketsQuery,
    WithReason,
)
from server.desk import guided_tickets
from server.rows import staff_words

tag = Tag(name="tickets", description="From issue to the slip in the hand")
api = Api(
    "tickets",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.post("/halls/<hall>/tickets", responses={201: TicketAnswer})
def issue_ticket(path: HallPath, body: NewTicket) -> tuple[Response, int]:
    """Issues the next number of a line."""
    wanted = Wanted(
        body.line,
        body.matter,
        VisitorClass(body.visitor_class).value,
        body.language,
        proof=body.proof and body.proof.value,
        words=body.words,
        device=body.device,
        person=body.person,
        principal=body.principal,
        count=body.count,
        linked=body.linked,
        complaint_of=body.complaint_of,
    )
    by, always_open = who(), house().always_open
    answer = command(path.hall, body, lambda tx: actions.issue_ticket(tx, by, wanted, always_open))
    return jsonify(ticket_body(answer, issued=True)), 201


@api.get("/halls/<hall>/tickets/<ticket>", responses={200: TicketAnswer})
def ticket(path: TicketPath) -> Any:
    """One ticket, to staff and to the kiosk that issued it."""
    store = house().store
    answer, row = store.read(
        lambda connection: queries.one_ticket(connection, path.hall, path.ticket, store.clock.now())
    )
    if who().role == Role.KIOSK and row["issued_by"] != who().id:
        raise HallError("not_allowed", role=who().role)
    return ticket_body(answer | staff_words(row) if who().staff else answer)


@api.get("/halls/<hall>/tickets", responses={200: TicketsAnswer})
def tickets(path: HallPath, query: TicketsQuery) -> Any:
    """Today's tickets, in calling order where they wait."""
    store = house().store
    if query.guide:
        guided = store.read(lambda connection: guided_tickets(connection, path.hall, store.clock.now()))
        return {"tickets": [ticket_body(one)["ticket"] for one in guided], "after": None}
    status = query.status.value if query.status else None
    found = store.read(
        lambda connection: queries.ticket_list(
            connection,
            path.hall,
            store.clock.now(),
            status,
            query.window,
            query.number,
            query.limit,
            query.after,
            query.visit,
        )
    )
    return {**found, "tickets": [ticket_body(one)["ticket"] for one in found["tickets"]]}


@api.post("/halls/<hall>/tickets/<ticket>/cancel", responses={200: TicketAnswer})
def cancel_ticket(path: TicketPath, body: WithReason) -> Any:
    """Cancels a waiting or called ticket."""
    by = who()
    return ticket_body(command(path.hall, body, lambda tx: actions.cancel_ticket(tx, by, path.ticket, body.reason)))


@api.post("/halls/<hall>/tickets/<ticket>/reinstate", responses={200: TicketAnswer})
def reinstate_ticket(path: TicketPath, body: WithReason) -> Any:
    """Lets a missed number wait again, once."""
    by = who()
    return ticket_body(command(path.hall, body, lambda tx: missing.reinstate_ticket(tx, by, path.ticket, body.reason)))


@api.post("/halls/<hall>/tickets/<ticket>/arrive", responses={200: TicketAnswer})
def arrive_ticket(path: TicketPath, body: Empty) -> Any:
    """Who took a number from afar is in the hall: it can be called from now."""
    by = who()
    return ticket_body(command(path.hall, body, lambda tx: visitor.arrive_ticket(tx, by, path.ticket)))


@api.post("/halls/<hall>/tickets/scan", responses={200: ScanAnswer})
def scan_code(path: HallPath, body: Scan) -> Any:
    """Does what a slip stands for: a missed number is reinstated, any other found."""
    by = who()
    answer = command(path.hall, body, lambda tx: scanning.scan_code(tx, by, body.code))
    return {"action": answer["action"], "booking": answer.get("booking"), **ticket_body(answer["ticket"])}


@api.post("/halls/<hall>/tickets/<ticket>/reprint", responses={200: TicketAnswer})
def reprint_ticket(path: TicketPath, body: Reprint) -> Any:
    """Asks a device for another slip, marked as a reprint."""
    by = who()
    return ticket_body(command(path.hall, body, lambda tx: actions.reprint_ticket(tx, by, path.ticket, body.device)))


@api.post("/halls/<hall>/slips/<slip>", responses={200: SlipAnswer})
def report_slip(path: SlipPath, body: SlipResult) -> Any:
    """The device says what became of a slip."""
    by = who()
    return command(path.hall, body, lambda tx: actions.report_slip(tx, by, path.slip, body.result, body.reason))


@api.get("/halls/<hall>/slips", responses={200: SlipsAnswer})
def slips(path: HallPath, query: SlipsQuery) -> Any:
    """The newest slips, of one device or of all; a kiosk sees its own."""
    device = who().id if who().role == Role.KIOSK else query.device
    found = house().store.read(lambda connection: queries.slip_list(connection, path.hall, device, query.limit))
    return {"slips": found}
