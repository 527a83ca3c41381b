"""The second factor of signing in: six digits of an app on the person's phone (TOTP), or a recovery code once."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken

from server.sign_in.passwords import LETTERS

STEP_SECONDS = 30
CODES = 8


def new_secret() -> str:
    return pyotp.random_base32()


def sealed(key: str, secret: str) -> str:
    """The secret as the database keeps it: who reads the database alone has no code of it."""
    return _box(key).encrypt(secret.encode()).decode()


def opened(key: str, kept: str) -> str | None:
    """None where it was sealed with another key of the server's: the factor must then be set up anew."""
    try:
        return _box(key).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _box(key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"second factor {key}".encode()).digest()))


def address(secret: str, login: str, hall: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=hall)


def picture(text: str) -> str:
    """A QR code as a data: address, which the pages' policy allows."""
    return segno.make(text, error="m").svg_data_uri(scale=6, border=2)


def step_of(secret: str, code: str, last: int | None) -> int | None:
    """The step that a code belongs to, a half minute before or after now; None: wrong, or not newer than `last`.

    By this machine's own time and not the hall's: the phone knows no other.
    """
    now = int(time.time()) // STEP_SECONDS
    plain = code.replace(" ", "")
    for step in (now, now - 1, now + 1):
        said = pyotp.TOTP(secret).generate_otp(step)
        if secrets.compare_digest(said.encode(), plain.encode()) and step > (last or 0):
            return step
    return None


def recovery_codes() -> list[str]:
    made = ("".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(CODES))
    return [f"{code[:5]}-{code[5:]}" for code in made]


def recovery_digest(code: str) -> str:
    """Fifty random bits need no slow hash."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"recovery {plain}".encode()).hexdigest()
