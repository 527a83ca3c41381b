"""Keys that the issuer makes: ticket ids in order of time, and codes nobody can guess."""

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> str:
    """A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (int(at.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(UUID(int=value))


def track_code() -> str:
    """The secret on the slip: 128 random bits."""
    return secrets.token_urlsafe(16)
