"""Modules and styles of the pages that supervisors and administrators open, and who may see which."""

from dataclasses import dataclass
from pathlib import Path

from hall.words import STAFF_ROLES, Role

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class OfficePage:
    """A page at /PATH: its module and texts, and whom the navigation leads there."""

    title: str
    module: str
    roles: tuple[Role, ...]
    styles: tuple[str, ...] = ()


SHEET_READERS = (
    Role.SUPERVISOR, Role.LEADERSHIP, Role.AUDITOR, Role.SYSTEM_ADMIN, Role.GOVERNMENT, Role.UNIT_HEAD,
)  # fmt: skip
OFFICE: dict[str, OfficePage] = {
    "today": OfficePage("today.title", "today.js", (Role.SUPERVISOR, Role.LEADERSHIP, Role.AUDITOR), ("today.css",)),
    "sheets": OfficePage("sheets.title", "sheets.js", SHEET_READERS, ("sheets.css",)),
    "register": OfficePage("register.title", "register.js", SHEET_READERS, ("register.css",)),
    "catalogue": OfficePage(
        "catalogue.title",
        "catalogue.js",
        (Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.AUDITOR),
        ("catalogue.css",),
    ),
    "cases": OfficePage(
        "cases.title",
        "cases.js",
        (Role.SUPERVISOR, Role.DESK, Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR),
        ("cases.css",),
    ),
    "order": OfficePage("order.title", "order.js", (Role.SUPERVISOR, Role.SYSTEM_ADMIN), ("order.css",)),
    "devices": OfficePage("device_page.title", "devices.js", (Role.SYSTEM_ADMIN, Role.SUPERVISOR), ("devices.css",)),
    "self-check": OfficePage(
        "check.title", "self_check.js", (Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.DESK), ("self_check.css",)
    ),
    "people": OfficePage("people.title", "people.js", (Role.SECURITY_ADMIN, Role.AUDITOR), ("people.css",)),
    "audit": OfficePage(
        "audit.title", "audit.js", (Role.AUDITOR, Role.SECURITY_ADMIN, Role.SUPERVISOR), ("audit.css",)
    ),
    "account": OfficePage("account.title", "account.js", tuple(sorted(STAFF_ROLES)), ("password.css", "account.css")),
}
"""In the order of the navigation, whose words are `office.PATH`. What a page reads is guarded by the API's matrix."""

_HOMES = {Role.CLERK: "clerk", Role.DESK: "desk", Role.SYSTEM_ADMIN: "catalogue", Role.AUDITOR: "audit"}


def home_of(role: Role) -> str:
    """Where somebody of that role begins: the page of their daily work, or the first that is theirs."""
    return "/" + (_HOMES.get(role) or next(path for path, page in OFFICE.items() if role in page.roles))
