"""The audit of packages: the real tools, asked of a source of advisories made here; a fault fails, silence is told."""

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests import advisories
from tests.advisories import Fault, NotAsked, left, lived_with, npm_faults, python_faults
from tests.parts import ROOT

FAULTY = {"jinja2": "PYSEC-2019-217", "left-pad": "PYSEC-2026-1"}


class _Source(BaseHTTPRequestHandler):
    """OSV's query, and npm's bulk advisories with the package they are about."""

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else b""
        if self.path.endswith("/bulk"):
            fault = {"id": 1, "title": "one of ours", "severity": "high", "vulnerable_versions": "<99", "cwe": []}
            return self._tell({"preact": [{**fault, "url": "https://example.org/advisories/GHSA-made-here"}]})
        name = json.loads(body)["package"]["name"]
        return self._tell({"vulns": [_osv(name)]} if name in FAULTY else {})

    def do_GET(self) -> None:
        version = json.loads((ROOT / "package-lock.json").read_text())["packages"]["node_modules/preact"]["version"]
        name = unquote(self.path[1:])
        self._tell({"name": name, "versions": {version: {"name": name, "version": version}}})

    def _tell(self, said: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def _osv(name: str) -> dict[str, Any]:
    versions = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [versions], "versions": ["2.10", "1.0"]}]
    return {"id": FAULTY[name], "aliases": ["CVE-2019-10906"], "summary": "bad", "affected": affected}


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_locked_python_package_with_a_known_fault_is_named(source: str, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("".join(f"{one} --hash=sha256:{'0' * 64}\n" for one in ("left-pad==1.0", "flask==3.1.2")))
    nowhere, here = ("-s", "osv", "--osv-url", "http://127.0.0.1:9"), ("-s", "osv", "--osv-url", source)
    faults, looked_up = python_faults(lock, [nowhere, here])
    assert (looked_up, [(one.package, one.names) for one in faults]) == (
        2, [("left-pad 1.0", frozenset(("PYSEC-2026-1", "CVE-2019-10906")))],
    )  # fmt: skip


def test_a_locked_npm_package_with_a_known_fault_is_named(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setenv("npm_config_registry", source)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    faults, looked_up = npm_faults(tmp_path)
    assert looked_up >= 5 and [str(one) for one in faults] == ["preact <99: GHSA-made-here one of ours"]


def test_a_fault_is_lived_with_until_its_day_and_no_longer(tmp_path: Path) -> None:
    written = '[[tool.hallcall.known-faults]]\nid = "CVE-1"\nuntil = 2026-12-01\nreason = "not reached by ours"\n'
    (tmp_path / "pyproject.toml").write_text(written)
    known = lived_with(tmp_path / "pyproject.toml")
    fault, other = Fault("a 1", frozenset(("GHSA-1", "CVE-1"))), Fault("b 1", frozenset(("CVE-2",)))
    assert left([fault, other], known, date(2026, 12, 1)) == [other]
    assert left([fault, other], known, date(2026, 12, 2)) == [fault, other]
    assert all(until > date(2026, 1, 1) and reason for until, reason in lived_with(ROOT / "pyproject.toml").values())


@pytest.mark.parametrize("faults", [[], [Fault("a 1", frozenset(("CVE-1",)))]], ids=["none", "one"])
def test_only_a_fault_fails_and_silence_is_told(
    faults: list[Fault], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(_folder: Path) -> Any:
        raise NotAsked("cut off")

    monkeypatch.setattr(advisories, "python_faults", lambda _lock: (faults, 7))
    monkeypatch.setattr(advisories, "npm_faults", nobody)
    assert advisories.main() == len(faults)
    said = capsys.readouterr().out
    assert (
        f"7 Python packages looked up, {len(faults)} known faults" in said
        and "the npm packages were NOT looked up (cut off)" in said
    )
