"""The browser modules and styles of the virtual printer's page."""

from pathlib import Path

FOLDER = Path(__file__).parent
