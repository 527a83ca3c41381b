"""What the touch page asks of the kiosk: a number for a line or a matter, or what a slip's code stands for."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from hall import texts
from hall.identity import document_number

Key = Annotated[str, Field(min_length=1, max_length=64)]
TouchId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]


def _known_language(language: str) -> str:
    if language not in texts.languages():
        raise ValueError("language is not known")
    return language


def _document(number: SecretStr) -> SecretStr:
    document_number(number.get_secret_value())
    return number


Language = Annotated[str, AfterValidator(_known_language)]
DocumentNumber = Annotated[SecretStr, AfterValidator(_document)]


class Asked(BaseModel):
    """What one touch asks for."""

    # A mistake is told without what was typed: it may be the number of a document.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    touch_id: TouchId
    line: Key | None = None
    matter: Key | None = None
    language: Language = texts.DEFAULT
    count: Annotated[int, Field(ge=1, le=99)] = 1
    linked: Annotated[Key | None, Field(alias="with")] = None
    """The ticket of the same person that this one joins."""
    person: DocumentNumber | None = None
    principal: DocumentNumber | None = None
    person_card: Key | None = None
    """What stands for the number of a card that was read here."""
    principal_card: Key | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "Asked":
        if (self.line is None) == (self.matter is None):
            raise ValueError("either line or matter")
        return self

    def body(self) -> dict[str, Any]:
        """What is kept with the touch: no number of a document."""
        what: dict[str, Any] = {"line": self.line} if self.line else {"matter": self.matter}
        if self.count > 1:
            what["count"] = self.count
        if self.linked:
            what["with"] = self.linked
        return {**what, "language": self.language}

    def numbers(self) -> dict[str, str]:
        """The numbers of documents: sent on at once, and written nowhere here."""
        given = {"person": self.person, "principal": self.principal}
        return {name: number.get_secret_value() for name, number in given.items() if number}

    def cards(self) -> dict[str, str]:
        """Whose numbers were read from cards: {field: token}."""
        given = {"person": self.person_card, "principal": self.principal_card}
        return {name: token for name, token in given.items() if token}


class Scanned(BaseModel):
    """A slip's or a booking's code as the reader gave it or a hand typed it."""

    model_config = ConfigDict(extra="ignore")

    touch_id: TouchId
    code: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\u0000]*$")]
    language: Language = texts.DEFAULT


class CardWish(BaseModel):
    """That a card be read, or no longer."""

    model_config = ConfigDict(extra="ignore")

    wish: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
