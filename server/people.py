"""Who asks: a person behind a session, or a person or device behind a token."""

import hashlib
from dataclasses import dataclass

from hall.words import DEVICE_ROLES, Role


@dataclass(frozen=True, slots=True)
class Principal:
    id: str
    hall: str
    role: Role
    name: str
    window: str | None = None
    unit: str | None = None
    """The unit that stationed this person in the hall; None: the center's own."""

    session: str | None = None
    """Of a person who signed in: the id of their session. None: a token, as devices and links have it."""
    must: str = ""
    """What they have to do before anything else: `password` (choose their own), `second_factor` (set one up)."""

    @property
    def staff(self) -> bool:
        return self.role not in DEVICE_ROLES


def digest_of(secret: str) -> str:
    """What the database keeps of a token, or of what a session's cookie holds."""
    return hashlib.sha256(secret.encode()).hexdigest()
