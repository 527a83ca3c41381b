"""The one matrix: which roles may call, ask and hear what."""

from hall.words import STAFF_ROLES, Role

ANYONE: frozenset[Role] | None = None
SIGNED_IN = frozenset(Role)
STAFF = STAFF_ROLES
WINDOW = frozenset({Role.CLERK, Role.SUPERVISOR})
ISSUERS = frozenset({Role.KIOSK}) | STAFF
SCREENS = frozenset({Role.DISPLAY}) | STAFF
DESK = frozenset({Role.DESK, Role.SUPERVISOR})
DEVICES = frozenset({Role.KIOSK, Role.DISPLAY, Role.CLERK, Role.DESK})
ADMIN = frozenset({Role.SYSTEM_ADMIN})
SECURITY = frozenset({Role.SECURITY_ADMIN})
OVERSEERS = ADMIN | {Role.SUPERVISOR}
CASE_READERS = DESK | {Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR}
RIGHTS = frozenset({Role.DESK, Role.KIOSK, Role.SUPERVISOR})
SHEETS = OVERSEERS | {Role.LEADERSHIP, Role.AUDITOR, Role.GOVERNMENT, Role.UNIT_HEAD}
REGISTER = SHEETS
CATALOGUE = OVERSEERS | {Role.AUDITOR}
GOVERNMENT = frozenset({Role.GOVERNMENT})

MAY: dict[str, frozenset[Role] | None] = {
    "halls": ANYONE,
    "open_session": ANYONE,
    "session": SIGNED_IN,
    "close_session": SIGNED_IN,
    "sign_in": ANYONE,
    "own_account": STAFF,
    "change_password": STAFF,
    "begin_factor": STAFF,
    "confirm_factor": STAFF,
    "remove_factor": STAFF,
    "accounts": SECURITY | {Role.AUDITOR},
    "create_account": SECURITY,
    "change_account": SECURITY,
    "disable_account": SECURITY,
    "enable_account": SECURITY,
    "reset_password": SECURITY,
    "unlock_account": SECURITY,
    "end_account_sessions": SECURITY,
    "reset_factor": SECURITY,
    "ping": SIGNED_IN,
    "catalogue": SIGNED_IN,
    "board": SIGNED_IN,
    "journal": SIGNED_IN,
    "order": STAFF,
    "self_check": frozenset({Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.DESK}),
    "begin_check": frozenset({Role.SYSTEM_ADMIN, Role.SUPERVISOR}),
    "set_order": frozenset({Role.SUPERVISOR, Role.SYSTEM_ADMIN}),
    "set_board_message": frozenset({Role.SUPERVISOR}),
    "hall_today": frozenset({Role.SUPERVISOR, Role.LEADERSHIP, Role.AUDITOR}),
    "lend_line": frozenset({Role.SUPERVISOR}),
    "take_back_line": frozenset({Role.SUPERVISOR}),
    "suspend_line": frozenset({Role.SUPERVISOR}),
    "resume_line": frozenset({Role.SUPERVISOR}),
    "layout_now": CATALOGUE,
    "layout_parts": CATALOGUE,
    "put_part": OVERSEERS,
    "close_part": OVERSEERS,
    "change_settings": ADMIN,
    "import_parts": ADMIN,
    "register_now": REGISTER,
    "register_matters": REGISTER,
    "check_register": OVERSEERS | {Role.GOVERNMENT, Role.AUDITOR},
    "propose_exemption": OVERSEERS | {Role.UNIT_HEAD},
    "approve_exemption": GOVERNMENT,
    "reject_exemption": GOVERNMENT,
    "end_exemption": GOVERNMENT,
    "enter_hall": OVERSEERS,
    "open_consultation": frozenset({Role.SUPERVISOR}),
    "sign_consultation": frozenset({Role.SUPERVISOR, Role.UNIT_HEAD}),
    "withdraw_consultation": frozenset({Role.SUPERVISOR}),
    "day_sheet": SHEETS,
    "audit_state": frozenset({Role.AUDITOR}),
    "begin_verification": frozenset({Role.AUDITOR}),
    "audit_events": frozenset({Role.AUDITOR}),
    "access_log": SECURITY | {Role.AUDITOR},
    "erasures": SECURITY | {Role.AUDITOR, Role.SUPERVISOR},
    "ask_erasure": frozenset({Role.SUPERVISOR}),
    "do_erasure": SECURITY,
    "month_sheet": SHEETS,
    "windows": SCREENS,
    "window": SCREENS,
    "window_today": STAFF,
    "issue_ticket": ISSUERS,
    "ticket": ISSUERS,
    "tickets": STAFF,
    "ticket_identity": frozenset({Role.DESK, Role.CLERK}),
    "may_rate": ANYONE,
    "rate_tracked": ANYONE,
    "tablet": frozenset({Role.DISPLAY}),
    "rate_at_tablet": frozenset({Role.DISPLAY}),
    "window_ratings": WINDOW,
    "rating_totals": frozenset({Role.SUPERVISOR}),
    "case_list": CASE_READERS,
    "one_case": CASE_READERS,
    "open_case_at_desk": DESK,
    "assign_case": frozenset({Role.SUPERVISOR}),
    "state_case": DESK | {Role.UNIT_HEAD},
    "complain_tracked": ANYONE,
    "answer_case": DESK,
    "close_case": DESK,
    "case_of_code": ANYONE,
    "rate_case": ANYONE,
    "cancel_ticket": RIGHTS,
    "reprint_ticket": RIGHTS,
    "reinstate_ticket": RIGHTS,
    "scan_code": RIGHTS,
    "change_class": DESK,
    "mark_guide": DESK,
    "send_waiting": DESK,
    "story": DESK,
    "desk_now": DESK,
    "devices": DESK,
    "dismiss_slip": DESK,
    "heartbeat": DEVICES,
    "answer_test": DEVICES,
    "device_states": OVERSEERS,
    "make_enrolment": ADMIN,
    "revoke_device": ADMIN,
    "ask_test": ADMIN,
    "enrol": ANYONE,
    "ask_for_desk": frozenset({Role.KIOSK}),
    "answer_kiosk": DESK,
    "slips": ISSUERS,
    "take_bands": frozenset({Role.KIOSK}),
    "hand_over": frozenset({Role.KIOSK}),
    "report_slip": frozenset({Role.KIOSK, Role.DESK}),
    "open_window": WINDOW,
    "pause_window": WINDOW,
    "close_window": WINDOW,
    "call_next": WINDOW,
    "call_number": WINDOW,
    "recall_ticket": WINDOW,
    "start_ticket": WINDOW,
    "complete_ticket": WINDOW,
    "transfer_ticket": WINDOW,
    "change_matter": WINDOW,
    "walk_in": WINDOW,
    "mark_no_show": WINDOW,
    "hold_ticket": WINDOW,
    "resume_ticket": WINDOW,
    "undo_move": WINDOW,
    "track": ANYONE,
    "cancel_tracked": ANYONE,
    "come_later": ANYONE,
    "why": ANYONE,
    "subscribe": ANYONE,
    "issue_remote_ticket": ANYONE,
    "arrive_ticket": RIGHTS,
    "slots": ANYONE,
    "make_booking": ANYONE,
    "booking": ANYONE,
    "cancel_booking": ANYONE,
    "change_booking": ANYONE,
    "arrive_booking": RIGHTS,
    "bookings": DESK,
    "find_booking": DESK,
}
"""Who may call what, by the name of the API's function; what is not here is refused to everyone."""

EVENTS: dict[str, frozenset[Role] | None] = {
    "connect": SIGNED_IN,
    "disconnect": SIGNED_IN,
    "since": SIGNED_IN,
}
"""Which roles a connected client's own events are taken of; a phone connects with its slip's code and asks nothing."""

HEARD: dict[str, frozenset[Role] | None] = {
    "snapshot": SIGNED_IN,
    "events": SIGNED_IN,
    "tick": SIGNED_IN,
    "print": SIGNED_IN,
    "test": SIGNED_IN,
    "desk_answered": SIGNED_IN,
    "ticket": ANYONE,
}
"""Who hears what. `print`, `test` and `desk_answered` go to the one device they are meant for, `ticket` to the phone
that has its code; of `events` staff get the whole (WHOLE), everybody else what `hall.events.public` leaves."""

WHOLE = STAFF

FIRST = {
    "password": frozenset({"session", "close_session", "own_account", "change_password"}),
    "second_factor": frozenset({"session", "close_session", "own_account", "begin_factor", "confirm_factor"}),
}
"""What a person may call who has to choose a password, or to set up a second factor, before anything else."""
