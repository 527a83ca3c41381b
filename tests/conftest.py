"""Fixtures that all rooms' tests share."""

pytest_plugins = ["tests.browser"]
