"""The clerk's page: modules and styles that the server sends at /pages/caller/."""

from pathlib import Path

FOLDER = Path(__file__).parent
