"""The tables of every hall; the keys begin with the hall, the constraints bear names."""

from server.tables import devices, journal, layout, people, queue, ratings, register, visitors
from server.tables.base import metadata

__all__ = ["devices", "journal", "layout", "metadata", "people", "queue", "ratings", "register", "visitors"]
