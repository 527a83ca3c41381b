"""Modules and styles of the pages that visitors open on their own phones."""

from pathlib import Path

FOLDER = Path(__file__).parent
