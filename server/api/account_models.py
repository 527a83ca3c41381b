"""Bodies and answers of signing in, one's own account, and the accounts of a hall."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from hall.words import Role
from server.api.models import CLEAN, Body, HallPath, Key, Limit

Password = Annotated[SecretStr, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=20, pattern=CLEAN)]
Login = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,39}$", description="the 工号: letters, digits, . _ @ -")
]
PersonName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\u0000-\u001f]*\S[^\u0000-\u001f]*$")]
PersonRole = Annotated[Role, Field(strict=False)]


class SignIn(Body):
    token: Annotated[str, Field(min_length=1, max_length=200, pattern=CLEAN)]


class Session(BaseModel):
    role: str
    hall: str
    window: str | None
    name: str
    csrf: str
    unit: str | None
    account: Annotated[bool, Field(description="signed in, not by a token")]
    must: Annotated[Literal["", "password", "second_factor"], Field(description="to be done before anything else")]
    home: Annotated[str, Field(description="the page where this role begins")]
    at: Annotated[str, Field(description="the hall's time of this answer")]


class SessionAnswer(BaseModel):
    session: Session


class PasswordSignIn(Body):
    login: Annotated[str, Field(min_length=1, max_length=80, pattern=CLEAN)]
    password: Password
    code: Annotated[Code | None, Field(description="of the second factor, where the answer was `factor_needed`")] = None
    hall: Annotated[Key | None, Field(description="where the server has several")] = None


class NewPassword(Body):
    password: Annotated[Password, Field(description="the one they have now")]
    new: Password


class ProvePassword(Body):
    password: Password


class TypedCode(Body):
    code: Code


class NewAccount(Body):
    login: Login
    name: PersonName
    role: PersonRole
    unit: Key | None = None


class ChangedAccount(Body):
    name: PersonName
    role: PersonRole
    unit: Key | None = None


class AccountPath(HallPath):
    account: Key


class AccountsQuery(BaseModel):
    search: Annotated[str, Field(max_length=40, pattern=CLEAN)] | None = None
    limit: Limit = 200
    after: Key | None = None


class SignedInAnswer(BaseModel):
    session: Session


class OpenSession(BaseModel):
    here: bool
    way: str
    address: str
    agent: str
    created_at: str
    seen_at: str


class OwnAccount(BaseModel):
    login: str
    name: str
    role: Role
    unit: str | None
    second_factor: bool
    factor_needed: Annotated[bool, Field(description="by the settings, for this role")]
    recovery_left: int
    sessions: list[OpenSession]


class OwnAccountAnswer(BaseModel):
    account: OwnAccount | None = Field(description="null: here by a token, without an account")


class FactorAnswer(BaseModel):
    secret: str
    address: Annotated[str, Field(description="otpauth://")]
    picture: Annotated[str, Field(description="its QR code as a data: address")]


class RecoveryAnswer(BaseModel):
    recovery_codes: list[str]


class Account(BaseModel):
    id: str
    login: str
    name: str
    role: Role
    unit: str | None
    must_change: bool
    second_factor: bool
    openid: bool
    locked_until: str | None
    disabled_at: str | None
    created_at: str
    seen_at: str | None
    sessions: int


class AccountsAnswer(BaseModel):
    accounts: list[Account]
    after: str | None


class AccountAnswer(BaseModel):
    account: Account


class GivenPasswordAnswer(AccountAnswer):
    password: Annotated[str, Field(description="to be changed at the first sign-in; shown this once")]
