"""How many more numbers a line can give today: what its windows can still serve."""

from datetime import timedelta


def places_left(calling_left: timedelta, windows: int, service_minutes: float, waiting: int, booked: int) -> int:
    """Visitors who can still be served before closing: minutes left x windows / minutes a visitor - who comes before.

    `waiting`: who stands before someone new; `booked`: who has booked and is still to come.
    """
    minutes = calling_left.total_seconds() / 60
    return int(minutes * windows / service_minutes) - waiting - booked
