"""Who asks: a person or a device behind a token."""

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

    @property
    def staff(self) -> bool:
        return self.role not in DEVICE_ROLES
