"""`hallcall-display test-signs`: eights on every sign of a display, and how each is; no server is needed."""

from datetime import UTC, datetime
from pathlib import Path

import click

from display.signs.signs import Signs
from hall.errors import SettingsError
from hall.health import Condition
from hall.settings import load_settings
from hall.texts import say

LONGEST_SECONDS = 5.0


@click.command("test-signs")
@click.option("--config", default="config.yaml", show_default=True, type=click.Path(path_type=Path))
@click.option("--id", "display_id", help="Only the signs of this display; without it all of the file.")
def test_signs(config: Path, display_id: str | None) -> None:
    """Show eights on the signs and say how each is; they stand until the display client is started.

    It must not be running: a serial port serves one program at a time.
    """
    try:
        named = load_settings(config).devices.signs
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    mine = [sign for sign in named if display_id in (None, sign.display)]
    if not mine:
        raise click.ClickException(f"{config}: devices.signs: no sign for this display")
    signs = Signs(mine, lambda: datetime.now(UTC), dict, test_seconds=LONGEST_SECONDS)
    signs.start()
    told = signs.test()
    signs.stop()
    for one in told:
        click.echo(_sentence(one))
    if any(one.state != "ok" for one in told):
        raise SystemExit(1)


def _sentence(one: Condition) -> str:
    if one.state == "ok":
        return f"{one.id}: ok"
    if not one.code:
        return f"{one.id}: {one.state}"
    words, remedy = (say("en", f"devices.sign.{one.code}{end}") for end in ("", ".remedy"))
    return f"{one.id}: {words} ({one.detail}). {remedy}"
