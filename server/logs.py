"""How the server writes its log: a line an event, and of a failure where it happened but not with which values."""

import logging
from traceback import walk_tb

import structlog
from socketio.exceptions import ConnectionRefusedError


class _Ours(logging.Filter):
    """Of the Socket.IO library's failures those that came through our code; what a stranger sent that is no packet
    would fill the disk, a trace each."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or not record.exc_info[1]:
            return True
        refused = isinstance(record.exc_info[1], ConnectionRefusedError)
        rooms = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(record.exc_info[2]))
        return not refused and any(room.startswith("server.") for room in rooms)


def set_up_logs() -> None:
    """structlog's own way prints every local variable of a failure: tokens, notes, and what a person told us."""
    processors = structlog.get_config()["processors"][:-1]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, plain])
    logging.getLogger("engineio.server").addFilter(_Ours())
