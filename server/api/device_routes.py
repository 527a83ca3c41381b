"""Devices: heartbeats, how they are, letting them in and shutting them out, and tests from afar."""

from functools import partial
from typing import Any

from flask import current_app, request
from flask_openapi3 import Tag
from sqlalchemy import Connection

from hall.errors import HallError
from hall.heartbeat import version
from server.api.context import house, language, who
from server.api.described import Api
from server.api.device_models import (
    AskedAnswer,
    AskTest,
    Beat,
    BeatAnswer,
    DevicePath,
    DeviceStates,
    EnrolledAnswer,
    EnrolmentAnswer,
    NewEnrolment,
    TestPath,
    TestResult,
    UseCode,
)
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, HallPath, Ok
from server.devices import enrolling
from server.devices.enrolling import Enrolment
from server.devices.self_check import clock_line
from server.devices.states import device_states, open_enrolments, seq_of
from server.devices.watch import Watch
from server.journal import iso
from server.push import Push

api = Api(
    "device",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="devices", description="Devices as their operator sees them")],
    abp_responses=REFUSALS,
    abp_security=[{"token": []}],
)


def watch() -> Watch:
    return current_app.extensions["watch"]  # type: ignore[no-any-return]


def push() -> Push:
    return current_app.extensions["push"]  # type: ignore[no-any-return]


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


@api.post("/halls/<hall>/devices/heartbeat", responses={200: BeatAnswer})
def heartbeat(path: HallPath, body: Beat) -> Any:
    """A device says how it is; it hears the server's time, and which tests it is asked for."""
    return watch().heartbeats.take(who(), body.model_dump())


@api.post("/halls/<hall>/devices/tests/<test>", responses={200: Ok})
def answer_test(path: TestPath, body: TestResult) -> Any:
    """A device says what became of a test."""
    store, answer = house().store, body.model_dump(exclude={"request_id"})
    store.write(partial(enrolling.answer_test, who=who(), test=path.test, answer=answer, now=store.clock.now()))
    return {"ok": True}


@api.get("/halls/<hall>/devices/states", responses={200: DeviceStates}, endpoint="device_states")
def states(path: HallPath) -> Any:
    """How every device is, and which codes are open."""
    store, moment, said = house().store, watch().moment(), language()

    def alarm(connection: Connection) -> dict[str, str] | None:
        clock = clock_line(connection, path.hall, moment)
        return None if clock.state == "ok" else clock.told(said)

    return store.read(
        lambda connection: {
            "at": iso(moment.now),
            "seq": seq_of(connection, path.hall),
            "version": version(),
            "clock": alarm(connection),
            "devices": [one.as_json() for one in device_states(connection, path.hall, moment)],
            "enrolments": open_enrolments(connection, path.hall, moment.now),
        }
    )


@api.post("/halls/<hall>/devices/enrolments", responses={201: EnrolmentAnswer})
def make_enrolment(path: HallPath, body: NewEnrolment) -> Any:
    """A code that lets in one device, once, within half an hour."""
    store, wanted = house().store, Enrolment(body.role, body.name.strip(), body.window)
    made = partial(enrolling.make_enrolment, key=_key(), who=who(), wanted=wanted, request_id=body.request_id)
    answer = store.write(partial(made, now=store.clock.now()))
    house().gate.record("device_code_made", who(), f"{body.role} {wanted.name}")
    return answer, 201


@api.post("/enrol", responses={201: EnrolledAnswer}, security=[])
def enrol(body: UseCode) -> Any:
    """A device gives its code and gets its token."""
    store, gate = house().store, house().gate
    if not watch().tries.allows(request.remote_addr):
        raise HallError("too_many")
    use = partial(enrolling.enrol, key=_key(), code=body.code, kind=body.kind, request_id=body.request_id)
    try:
        answer = store.write(partial(use, now=store.clock.now()))
    except HallError:
        gate.record("enrol_refused", None, request.remote_addr or "")
        raise
    gate.record("device_enrolled", gate.by_id(answer["id"]), answer["name"])
    watch().cut_revoked()
    return answer, 201


@api.post("/halls/<hall>/devices/<device>/revoke", responses={200: Ok})
def revoke_device(path: DevicePath, body: Empty) -> Any:
    """Shuts a device out at once."""
    store = house().store
    store.write(partial(enrolling.revoke_device, hall=path.hall, device=path.device, now=store.clock.now()))
    house().gate.record("device_revoked", who(), path.device)
    watch().cut_revoked()
    return {"ok": True}


@api.post("/halls/<hall>/devices/<device>/tests", responses={201: AskedAnswer})
def ask_test(path: DevicePath, body: AskTest) -> Any:
    """Asks a device for a slip, an announcement or a sign that is only a test."""
    store = house().store
    asked = partial(enrolling.ask_test, who=who(), device=path.device, what=body.what, request_id=body.request_id)
    answer = store.write(partial(asked, now=store.clock.now()))
    house().gate.record("device_test", who(), f"{body.what} {path.device}")
    push().ask_test(path.device, {"id": answer["id"], "what": answer["what"]})
    return answer, 201
