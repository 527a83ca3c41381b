"""Modules and styles of the pages that supervisors and administrators open."""

from pathlib import Path

FOLDER = Path(__file__).parent
