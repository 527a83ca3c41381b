"""Fixtures that all rooms' tests share."""

import gc

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser"]

# The same examples in every run, however slow the machine: what fails, fails for everyone.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

gc.disable()  # what is imported and collected stays: looking through it for garbage is a fifth of the collecting


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a module sets up once for its tests is set up by one worker and not by each."""
    for item in items:
        if _shares(item) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value may be made anew in each worker, a key or the time of day in it: its name is all that is told."""
    return argname if isinstance(val, str | bytes) and len(val) > 60 else None


def _shares(item: pytest.Item) -> bool:
    used = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(found[-1].scope == "module" for found in used.values())
