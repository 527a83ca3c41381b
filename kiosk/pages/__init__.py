"""The touch page's own modules and styles."""

from pathlib import Path

FOLDER = Path(__file__).parent
