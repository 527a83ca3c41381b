"""How the server writes its log: a line an event, and of a failure where it happened but not with which values."""

import structlog


def set_up_logs() -> None:
    """structlog's own way prints every local variable of a failure: tokens, notes, and what a person told us."""
    processors = structlog.get_config()["processors"][:-1]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, plain])
