"""The one family of refusals: a code of the contract, its HTTP status, and a message in the caller's language."""

from typing import Any

STATUS = {
    "bad_request": 400,
    "no_token": 401,
    "sign_in_wrong": 401,
    "factor_needed": 401,
    "factor_wrong": 401,
    "csrf": 403,
    "not_allowed": 403,
    "not_stationed": 403,
    "password_first": 403,
    "password_wrong": 403,
    "factor_first": 403,
    "code_wrong": 403,
    "own_matter": 403,
    "register_moved": 409,
    "not_served": 409,
    "no_consultation": 409,
    "own_case": 403,
    "not_found": 404,
    "not_kept": 404,
    "method_not_allowed": 405,
    "illegal_move": 409,
    "window_busy": 409,
    "window_taken": 409,
    "window_not_open": 409,
    "window_empty": 409,
    "line_closed": 409,
    "clock_wrong": 409,
    "line_not_served": 409,
    "line_served": 409,
    "not_lent": 409,
    "layout_refused": 409,
    "layout_moved": 409,
    "too_early": 409,
    "already_late": 409,
    "too_late": 409,
    "already_reinstated": 409,
    "not_reinstated": 409,
    "held_elsewhere": 409,
    "too_late_to_undo": 409,
    "already_waiting": 409,
    "agent_limit": 409,
    "rating_closed": 409,
    "already_rated": 409,
    "linked_busy": 409,
    "visit_over": 409,
    "slot_closed": 409,
    "slot_full": 409,
    "booked_already": 409,
    "another_person": 409,
    "arrive_early": 409,
    "arrive_late": 409,
    "precedence_over": 409,
    "number_taken": 409,
    "login_taken": 409,
    "own_account": 409,
    "same_person": 409,
    "factor_set": 409,
    "too_large": 413,
    "file_too_large": 413,
    "bad_media_type": 415,
    "bad_body": 422,
    "weak_password": 422,
    "bad_layout": 422,
    "import_refused": 422,
    "file_kind": 422,
    "file_locked": 422,
    "file_broken": 422,
    "identity_needed": 422,
    "request_reused": 422,
    "too_many": 429,
    "sign_in_locked": 429,
    "internal": 500,
    "unavailable": 503,
    "kiosk_stopped": 503,
}


class HallError(Exception):
    """A refusal that changed nothing. `details` fill the message of `hall/texts/*/errors.po`."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.status = STATUS[code]
        self.details = details


class SettingsError(Exception):
    """A mistake in config.yaml or the environment: one line a mistake, each with path, value and what was expected."""


class LinkDown(Exception):
    """The server did not answer; the same request may be sent again."""


class Refused(Exception):
    """The server answered with an error of the contract."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
