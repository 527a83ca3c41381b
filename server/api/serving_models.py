"""Bodies of what a clerk does with the ticket in hand: transfer, another matter, no number, the end."""

from typing import Annotated

from pydantic import Field, model_validator

from server.api.models import CLEAN, Body, Key, Language

Number = Annotated[str, Field(min_length=1, max_length=12, pattern=CLEAN)]
Note = Annotated[str, Field(min_length=1, max_length=500, pattern=CLEAN, description="for staff, never public")]


class Transfer(Body):
    line: Key | None = None
    window: Key | None = None
    clerk: Annotated[Key, Field(description="someone at a window now, by name or id")] | None = None
    come_back: bool = False
    note: Note | None = None
    number: Annotated[Number, Field(description="a waiting number; else the one at the window")] | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "Transfer":
        if [self.line, self.window, self.clerk].count(None) != 2:
            raise ValueError("one of line, window and clerk is needed")
        return self


class Complete(Body):
    outcome: Annotated[str, Field(min_length=1, max_length=40, pattern=CLEAN)] | None = None
    case_number: Annotated[str, Field(min_length=1, max_length=40, pattern=CLEAN)] | None = None
    note: Note | None = None
    all: Annotated[bool, Field(description="also of the legs and pieces still to come")] = False


class ChangeMatter(Body):
    matter: Key
    add: Annotated[bool, Field(description="one more, the one in hand being done")] = False


class WalkIn(Body):
    line: Key | None = None
    matter: Key | None = None
    language: Language = "zh-CN"

    @model_validator(mode="after")
    def _line_or_matter(self) -> "WalkIn":
        if self.line is None and self.matter is None:
            raise ValueError("line or matter is needed")
        return self
