"""What the touch page asks of the readers: the codes read since, and a card now."""

from typing import Any

from flask import Flask, request

from kiosk.bodies import CardWish
from kiosk.card_reading import CardUnread
from kiosk.readers import Readers

WAIT_SECONDS = 20.0
"""How long the page's question for the next code stays open."""


def add_readers(app: Flask, readers: Readers) -> None:
    @app.get("/local/reads")
    def reads() -> Any:
        """{last, codes}: what the scanner read after `after`, as soon as there is something; null for rubbish."""
        last, codes = readers.codes.wait(request.args.get("after", type=int), WAIT_SECONDS)
        return {"last": last, "codes": codes}

    # Only JSON below: another site's page cannot send it without asking first.
    @app.post("/local/card")
    def card() -> Any:
        """Waits until a card was read: {card, tail}; the number itself stays here."""
        wish = CardWish.model_validate(request.get_json()).wish
        try:
            if readers.cards is None:
                raise CardUnread("gone")
            found = readers.cards.read(wish)
        except CardUnread as error:
            return {"error": {"code": f"card_{error.why}", "message": "", "details": {}}}, 409
        return {"card": found.token, "tail": found.tail}

    @app.post("/local/card/cancel")
    def cancel() -> Any:
        wish = CardWish.model_validate(request.get_json()).wish
        if readers.cards is not None:
            readers.cards.cancel(wish)
        return {}
