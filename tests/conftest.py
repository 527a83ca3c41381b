"""Fixtures that all rooms' tests share."""

from hypothesis import settings

pytest_plugins = ["tests.browser"]

# The same examples in every run, however slow the machine: what fails, fails for everyone.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
