"""What all pages share: browser modules, styles, npm packages, and the HTML document they start from."""

import hashlib
import json
from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PACKED = FOLDER / "packages"
CHECKOUT = FOLDER.parents[1] / "node_modules"

PACKAGES = {
    "preact.js": "preact/dist/preact.mjs",
    "preact-hooks.js": "preact/hooks/dist/hooks.mjs",
    "signals.js": "@preact/signals/dist/signals.mjs",
    "signals-core.js": "@preact/signals-core/dist/signals-core.mjs",
    "htm.js": "htm/dist/htm.mjs",
    "socket.io.js": "socket.io-client/dist/socket.io.esm.min.js",
    "uplot.js": "uplot/dist/uPlot.esm.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
"""{name under /web/packages: file in node_modules}. A wheel carries them under the first name."""

IMPORTS = {
    "preact": "preact.js",
    "preact/hooks": "preact-hooks.js",
    "@preact/signals": "signals.js",
    "@preact/signals-core": "signals-core.js",
    "htm": "htm.js",
    "socket.io-client": "socket.io.js",
    "uplot": "uplot.js",
}
"""The bare names pages may import. Each stands for one file, so that only one Preact is ever loaded.
`web/` stands for the shared modules: `import { t } from "web/texts.js"`."""

IMPORT_MAP = json.dumps(
    {"imports": {"web/": "/web/modules/"} | {name: f"/web/packages/{file}" for name, file in IMPORTS.items()}}
)
STYLES = ("/web/styles/tokens.css", "/web/styles/base.css")


def asset(path: str) -> Path | None:
    """The file behind `/web/PATH`: modules, styles or an npm package; None when there is no such file."""
    room, _, name = path.partition("/")
    if room == "packages":
        return _package(name)
    return inside(FOLDER / room, name) if room in ("modules", "styles") else None


def inside(folder: Path, name: str) -> Path | None:
    """The file of that name below a folder, never one outside it."""
    try:
        file = (folder / name).resolve()
        return file if file.is_relative_to(folder.resolve()) and file.is_file() else None
    except (OSError, ValueError):  # no file can have such a name: a NUL in it, or thousands of letters
        return None


def _package(name: str) -> Path | None:
    if name not in PACKAGES:
        return None
    return next((file for file in (PACKED / name, CHECKOUT / PACKAGES[name]) if file.is_file()), None)


@cache
def fingerprint(*folders: Path) -> str:
    """A short digest of every file these folders' pages are made of; a screen with another loads anew."""
    digest = hashlib.sha256(IMPORT_MAP.encode())
    for folder in (FOLDER / "modules", FOLDER / "styles", *folders):
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".js", ".css", ".svg"):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def content_security_policy() -> str:
    """Everything from our own origin; the one inline script is the import map, allowed by its hash."""
    allowed = b64encode(hashlib.sha256(IMPORT_MAP.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{allowed}'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


def page(
    title: str,
    module: str,
    language: str,
    data: dict[str, Any],
    styles: list[str],
    version: str = "",
    fallback: tuple[str, str] | None = None,
) -> tuple[str, str]:
    """A whole HTML document that starts `module`, and its Content-Security-Policy header.

    `data` is read by the page from `#page-data`; `styles` follow the tokens and the base. `version` (see
    `fingerprint`) is what a screen that was left on compares after the server came back. `fallback`: the script that
    leads a browser too old for modules to a plain page, and that page's address for one that runs no script.
    """
    links = "\n".join(f'<link rel="stylesheet" href="{escape(url)}">' for url in (*STYLES, *styles))
    old = "" if fallback is None else _fallback(*fallback)
    document = f"""<!doctype html>
<html lang="{escape(language)}" data-version="{escape(version or fingerprint())}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
{links}
{old}<script type="importmap">{IMPORT_MAP}</script>
<script type="application/json" id="page-data">{_json(data)}</script>
<script type="module" src="{escape(module)}"></script>
</head>
<body><div id="app"></div></body>
</html>
"""
    return document, content_security_policy()


def _fallback(script: str, address: str) -> str:
    leave = f'<noscript><meta http-equiv="refresh" content="0; url={escape(address)}"></noscript>'
    return f'<script src="{escape(script)}"></script>\n{leave}\n'


def _json(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
