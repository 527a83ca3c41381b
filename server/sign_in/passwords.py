"""Passwords: which are taken, how they are kept, and the one-time ones that somebody else gives out."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.lock import BoundedSemaphore

from hall.errors import HallError

T = TypeVar("T")
LEAST = 10
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""None that is taken for another when read off a paper: no 0 o, no 1 i l, no u."""
LENGTH = 12
# fmt: off
COMMONEST = frozenset((
    "1234567890", "0123456789", "0987654321", "9876543210", "12345678910", "123456789a", "a123456789", "1234567890a",
    "a1234567890", "123456789q", "aa123456789", "abc1234567", "abc123456789", "abcd123456", "abcdefghij",
    "abcdefg123", "qwertyuiop", "qwerty12345", "qwerty123456", "1qaz2wsx3edc", "1q2w3e4r5t", "1q2w3e4r5t6y",
    "q1w2e3r4t5", "qazwsxedcrfv", "zaq12wsxcde3", "asdfghjkl1", "zxcvbnm123", "password12", "password123",
    "password1234", "passw0rd123", "p@ssw0rd123", "p@ssw0rd1234", "admin12345", "admin123456", "admin@1234",
    "administrator", "letmein123", "welcome123", "welcome1234", "iloveyou123", "woaini1314", "woaini5201314",
    "woaini123456", "5201314520", "1314520520", "1233211234567", "1122334455", "1231231231", "112233445566",
    "147258369", "1472583690", "7894561230", "qq123456789", "wang123456", "zhang123456", "liu123456789", "china12345",
    "beijing2008", "changeme123", "windows123", "huawei@123", "huawei12#$", "h3c@123456", "root123456", "test123456",
    "user123456", "system12345", "manager123", "government", "zhengwu123", "hallcall123", "hallcall1234",
))
# fmt: on
"""Of those that are long enough."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id as OWASP's password storage sheet has it: at half past eight a whole hall signs in at once."""
_turns = BoundedSemaphore(2)


def in_turn(work: Callable[..., T], *given: object) -> T:
    """Runs the work of a password in a thread, beside the loop that serves everyone else; two at a time."""
    with _turns:
        return gevent.get_hub().threadpool.apply(work, given)  # type: ignore[no-any-return]


def refuse_weak(password: str, login: str) -> None:
    plain = password.strip().lower()
    few = len(set(plain)) < 4
    if len(password) < LEAST or plain in COMMONEST or few or login in (plain, plain[::-1]):
        raise HallError("weak_password", least=LEAST)


def hashed(password: str) -> str:
    return _hasher.hash(_bytes(password))


def _bytes(password: str) -> bytes:
    """Of any text: what JSON may hold and UTF-8 may not, half a pair of surrogates, is a wrong password like others."""
    return password.encode("utf-8", "surrogatepass")


def is_right(kept: str | None, password: str) -> bool:
    """Whether that is the password; for a login that does not exist (None) it takes as long to say no."""
    try:
        _hasher.verify(kept or _nobodys(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether it was kept with other costs than those of today."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(32))


def one_time() -> str:
    return _spoken("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))


def one_time_of(key: str, request: str) -> str:
    """The one-time password of a request: asked again it is the same, and it is kept nowhere."""
    number = int.from_bytes(hmac.new(key.encode(), f"password {request}".encode(), hashlib.sha256).digest(), "big")
    return _spoken("".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(LENGTH)))


def _spoken(letters: str) -> str:
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))
