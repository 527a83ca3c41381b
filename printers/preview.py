"""The template's preview: what a template makes of sample slips, in every language, while it is written."""

import base64
import os
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from PIL import Image

from hall.errors import SettingsError
from hall.texts import languages
from printers.decoder import Decoder
from printers.draw import draw
from printers.paper import Encoding, slip_bytes
from printers.sample import KINDS, Kind, sample
from printers.template import LONGEST, SHIPPED, Template, parse_template

WIDTHS = (384, 512, 576)
ENCODINGS: tuple[Encoding, ...] = ("gb18030", "raster")


def picture(template: Template, kind: Kind, language: str, width: int, encoding: Encoding) -> Image.Image:
    """As the printer's own characters make it, or drawn dot by dot."""
    slip = sample(kind, language)
    if encoding == "raster":
        return draw(slip, width, template)
    [printed] = Decoder(width).feed(slip_bytes(slip, width, encoding, template=template))
    return printed.picture


def add_preview(app: Flask, own: Path | None) -> None:
    """`own`: the template's file, which the page may write; None: the shipped one is shown and nothing is written."""
    path = own or SHIPPED

    @app.get("/template/text")
    def text() -> Response:
        answer = jsonify({"text": _read(path), "file": str(path) if own else None})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    # Only JSON: another site's form cannot send it unasked.
    @app.post("/template/preview")
    def preview() -> Response | tuple[Response, int]:
        wanted: Any = request.get_json(silent=True)
        if not _is_wanted(wanted):
            return _refused("bad_body", "text, width, encoding and sample"), 422
        try:
            template = parse_template(wanted["text"], path)
            slips = [_shown(template, wanted, language) for language in languages()]
        except (SettingsError, ValueError, OSError) as error:
            return jsonify({"mistake": str(error), "slips": []})
        return jsonify({"mistake": None, "slips": slips})

    @app.post("/template/save")
    def save() -> Response | tuple[Response, int]:
        wanted: Any = request.get_json(silent=True)
        if own is None:
            return _refused("not_allowed", "no template was named with --template"), 403
        if not isinstance(wanted, dict) or not isinstance(wanted.get("text"), str):
            return _refused("bad_body", "text"), 422
        try:
            parse_template(wanted["text"], own)
            _write(own, wanted["text"])
        except (SettingsError, OSError) as error:
            return _refused("not_saved", str(error)), 409
        return jsonify({"text": _read(own)})


def _is_wanted(wanted: Any) -> bool:
    return (
        isinstance(wanted, dict)
        and isinstance(wanted.get("text"), str)
        and len(wanted["text"]) <= LONGEST
        and wanted.get("width") in WIDTHS
        and wanted.get("encoding") in ENCODINGS
        and wanted.get("sample") in KINDS
    )


def _shown(template: Template, wanted: dict[str, Any], language: str) -> dict[str, Any]:
    drawn = picture(template, wanted["sample"], language, wanted["width"], wanted["encoding"])
    png = BytesIO()
    drawn.save(png, "PNG")
    data = base64.b64encode(png.getvalue()).decode()
    return {
        "language": language,
        "picture": f"data:image/png;base64,{data}",
        "width": drawn.width,
        "height": drawn.height,
    }


def _read(path: Path) -> str:
    """The shipped one where there is no file yet: that is what one begins with."""
    try:
        return path.read_text(encoding="utf-8")[: LONGEST + 1]
    except FileNotFoundError:
        return SHIPPED.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a kiosk may be reading it."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def _refused(code: str, message: str) -> Response:
    return jsonify({"error": {"code": code, "message": message}})
