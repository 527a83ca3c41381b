"""The databases the truth is tried on: SQLite and a real PostgreSQL, each with a hall of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db import Store
from tests.parts import PostgresServer, new_database
from tests.server.served import Home, Served
from tests.server.signed_in import Center
from tests.server.trial import SetClock, Trial, open_trial_store

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One migrated database of each kind for this worker."""
    return {database: migrated_url(database, tmp_path_factory.mktemp("truth")) for database in DATABASES}


def _opened(urls: dict[str, str]) -> Iterator[dict[str, Store]]:
    found = {name: open_trial_store(url, SetClock()) for name, url in urls.items()}
    yield found
    for store in found.values():
        store.engine.dispose()


@pytest.fixture(scope="session")
def stores(urls: dict[str, str]) -> Iterator[dict[str, Store]]:
    yield from _opened(urls)


@pytest.fixture(scope="session")
def other_stores(urls: dict[str, str]) -> Iterator[dict[str, Store]]:
    """The same databases as another process of the server would have them."""
    yield from _opened(urls)


def fresh_url(database: str, folder: Path) -> str:
    """A database of the test's own, not migrated."""
    if database == "postgresql":
        return PostgresServer.shared().url()
    return f"sqlite:///{folder}/own.sqlite3"


def migrated_url(database: str, folder: Path) -> str:
    """A database of the test's own, of today's schema."""
    if database == "postgresql":
        return PostgresServer.shared().migrated_url()
    return new_database(folder / "own.sqlite3")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(stores: dict[str, Store], database: str) -> Store:
    """The database with a clock set anew to the morning."""
    found = stores[database]
    found.clock = SetClock()
    return found


@pytest.fixture
def other_store(other_stores: dict[str, Store], store: Store, database: str) -> Store:
    found = other_stores[database]
    found.clock = store.clock
    return found


@pytest.fixture
def trial(store: Store) -> Iterator[Trial]:
    """A hall in both databases, one after the other; after every test its journal must equal its tables."""
    assert isinstance(store.clock, SetClock)
    found = Trial.found(store, store.clock)
    yield found
    assert found.faults() == []


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def home(served: Served) -> Home:
    """A hall of the running server that no other test touches."""
    return served.home()


@pytest.fixture(scope="session")
def calm(served: Served) -> Home:
    """A hall shared by tests whose every request is refused or only asks: nothing is ever written there."""
    return served.home()


@pytest.fixture
def center(urls: dict[str, str]) -> Iterator[Center]:
    """A hall whose people have accounts, behind the app of one process."""
    found = Center.found(urls["sqlite"])
    yield found
    found.store.engine.dispose()


@pytest.fixture
def either(urls: dict[str, str], database: str) -> Iterator[Center]:
    """A center on each database in turn, where what the database does is in question."""
    found = Center.found(urls[database])
    yield found
    found.store.engine.dispose()
