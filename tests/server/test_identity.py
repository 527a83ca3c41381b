"""Who a ticket is for, where a line asks: one live number a person, nothing kept that outlives the day."""

import hashlib
import hmac
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from sqlalchemy import Connection, text

from hall.errors import HallError
from hall.identity import document_number, tail_of
from server.actions.identity import hash_of
from server.db import Store
from server.layout.rewriting import found_hall
from tests.parts import ServerProcess
from tests.server.conftest import migrated_url
from tests.server.served import Served, written_config
from tests.server.trial import SetClock, Trial, layout, open_trial_store, refused

ANNA, BO, CAI, DAN, EVE = "11010519491231002X", "440524188001010014", "E12345678", "H0123456", "G7654321"
NEXT_MORNING = "2026-11-24T08:30:00+08:00"

LINES = [
    {"id": "civil", "name": "婚姻", "prefix": "A", "identity": "card", "agent_limit": 2},
    {"id": "fund", "name": "公积金", "prefix": "C", "identity": "typed"},
    {"id": "guide", "name": "导办", "prefix": "G"},
]
WINDOWS = [{"id": "w1", "name": "1", "zone": "a", "lines": {"civil": 1, "fund": 1, "guide": 1}}]
ASKING: dict[str, Any] = {"lines": LINES, "windows": WINDOWS, "matters": []}


@pytest.fixture
def asking(store: Store) -> Any:
    assert isinstance(store.clock, SetClock)
    trial = Trial.found(store, store.clock, **ASKING)
    yield trial
    assert trial.faults() == []


def come(trial: Trial, person: str | None = None, principal: str | None = None, line: str = "civil") -> dict[str, Any]:
    given = {"person": person, "principal": principal}
    return trial.issue(line, **{key: SecretStr(value) for key, value in given.items() if value is not None})


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("11010519491231002x", ANNA),
        (" １１０１０５ 19491231 002X ", ANNA),
        ("e1234-5678", CAI),
        ("12345", "12345"),
        ("A" * 20, "A" * 20),
    ],
)
def test_a_number_has_one_spelling_however_it_is_typed(typed: str, number: str) -> None:
    assert document_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "110105194912310021",  # the check digit
        "11010519491331002X",  # a thirteenth month
        "110105491231002",  # fifteen places, not valid since 2013
        "1" * 20,
        "1234",
        "A" * 21,
        "",
        "张三丰先生",
        "E1234567\u0000",
    ],
)
def test_what_cannot_be_a_number_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(ValueError) as said:
        document_number(typed)
    assert typed not in str(said.value) or not typed


def test_the_tail_never_shows_more_than_half_of_a_number() -> None:
    assert [tail_of(one) for one in (ANNA, CAI, "1234567", "12345")] == ["**002X", "**5678", "**67", "**45"]


def test_a_line_that_asks_gives_no_number_to_who_shows_nothing(asking: Trial) -> None:
    before = asking.all_rows()
    error = refused(lambda: come(asking))
    assert (error.code, error.status, error.details["field"]) == ("identity_needed", 422, "person")
    assert refused(lambda: come(asking, None, BO)).details["field"] == "person"
    assert asking.all_rows() == before


def test_where_no_line_asks_nothing_is_kept(trial: Trial) -> None:
    trial.issue("tax", person=SecretStr(ANNA))
    assert trial.rows("identities") == [] and trial.rows("day_keys") == []


def test_a_person_has_one_live_number_a_line_and_is_told_which(asking: Trial) -> None:
    first = come(asking, ANNA)
    error = refused(lambda: come(asking, "11010519491231002x"))
    assert (error.code, error.details["number"]) == ("already_waiting", first["number"])
    come(asking, BO)
    come(asking, ANNA, line="fund")
    asking.open("w1")
    for move in ("call_next", "serve"):
        getattr(asking, move)("w1")
        assert refused(lambda: come(asking, ANNA)).code == "already_waiting"
    asking.complete("w1")
    assert come(asking, ANNA)["number"] == "A003"


def test_who_cancelled_or_missed_a_number_may_take_another(asking: Trial) -> None:
    asking.cancel(come(asking, ANNA)["id"])
    come(asking, ANNA)
    asking.open("w1")
    asking.call_next("w1")
    asking.no_show("w1", early=True)
    assert come(asking, ANNA)["number"] == "A003"


def test_an_agent_holds_numbers_for_different_principals_beside_the_own(asking: Trial) -> None:
    come(asking, CAI)
    first, _second = come(asking, CAI, ANNA), come(asking, CAI, BO)
    error = refused(lambda: come(asking, CAI, DAN))
    assert (error.code, error.details["n"]) == ("agent_limit", 2)
    asking.cancel(first["id"])
    come(asking, CAI, DAN)
    assert refused(lambda: come(asking, CAI)).code == "already_waiting"


def test_a_principal_is_waited_for_once_whoever_asks(asking: Trial) -> None:
    first = come(asking, CAI, ANNA)
    assert refused(lambda: come(asking, ANNA)).details["number"] == first["number"]
    assert refused(lambda: come(asking, CAI, ANNA)).details["number"] == first["number"]
    assert refused(lambda: come(asking, DAN, ANNA)).details["number"] == "", "another agent learns no number"
    come(asking, BO)
    assert refused(lambda: come(asking, CAI, BO)).details["number"] == ""


def test_the_own_principal_is_no_agent(asking: Trial) -> None:
    come(asking, ANNA, "11010519491231002x")
    assert [row["principal"] for row in asking.rows("identities")] == [None]
    assert refused(lambda: come(asking, ANNA)).code == "already_waiting"


def test_halls_and_days_give_the_same_person_different_hashes(asking: Trial) -> None:
    other = layout(f"o-{asking.hall}"[:40], **ASKING)
    asking.store.write(partial(found_hall, hall=other, now=asking.clock.now()))
    neighbour = Trial(asking.store, asking.clock, other.id)
    come(asking, ANNA)
    come(neighbour, ANNA)
    today = asking.rows("identities")[0]["person"]
    assert neighbour.rows("identities")[0]["person"] != today
    asking.clock.set(NEXT_MORNING)
    come(asking, ANNA)
    assert [row["person"] for row in asking.rows("identities")] != [today]


def test_neither_number_nor_hash_nor_tail_is_in_any_event_or_kept_answer(asking: Trial) -> None:
    by = asking.kiosk
    answer = asking.issue("civil", by=by, person=SecretStr(CAI), principal=SecretStr(ANNA))
    (row,) = asking.rows("identities")
    hidden = [CAI, ANNA, row["person"], row["principal"], row["tail"], row["principal_tail"]]
    told = json.dumps([answer, asking.events(), asking.rows("requests"), asking.rows("tickets")], default=str)
    assert [one for one in hidden if one in told] == []


def bytes_on_disk(store: Store, connection: Connection) -> bytes:
    """What the database's own files hold of the keys."""
    if store.sqlite:
        path = Path(str(store.engine.url.database))
        return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")) if one.is_file())
    connection.exec_driver_sql("COMMIT; CHECKPOINT")
    where = "SELECT pg_read_binary_file(pg_relation_filepath('day_keys'))"
    return bytes(connection.execute(text(where)).scalar_one())


def on_disk(store: Store) -> bytes:
    with store.engine.connect() as connection:
        return bytes_on_disk(store, connection)


def test_at_night_the_key_is_gone_and_the_hashes_cannot_be_made_again(database: str, tmp_path: Path) -> None:
    url = migrated_url(database, tmp_path)
    store = open_trial_store(url, SetClock())
    assert isinstance(store.clock, SetClock)
    trial = Trial.found(store, store.clock, **ASKING)
    ticket = come(trial, CAI, ANNA)
    (kept,), (day_key,) = trial.rows("identities"), trial.rows("day_keys")
    again = hmac.new(bytes.fromhex(day_key["key"]), CAI.encode(), hashlib.sha256).hexdigest()
    assert again == kept["person"]
    store.forget_deleted()
    assert day_key["key"].encode() in on_disk(store), "else the search below would prove nothing"
    trial.clock.set(NEXT_MORNING)
    trial.open("w1")
    assert trial.rows("identities") == [] and trial.rows("day_keys") == []
    assert store.forget_deleted()
    left = on_disk(store)
    assert day_key["key"].encode() not in left and kept["person"].encode() not in left
    if store.sqlite:
        assert ticket["id"].encode() in left, "all else is still there"
    come(trial, CAI, ANNA)
    assert trial.rows("day_keys")[0]["key"] != day_key["key"]
    store.engine.dispose()


def test_a_running_server_destroys_the_key_by_itself_when_the_day_is_over(tmp_path: Path) -> None:
    config = written_config(tmp_path, 1, **ASKING)
    before = ServerProcess(tmp_path, clock="2026-11-23T09:00:00+08:00@1", config=config)
    with before:
        answer = requests.post(
            f"{before.url}/api/v1/halls/hall-0/tickets",
            json={"line": "civil", "person": CAI},
            headers={"Authorization": f"Bearer {before.token('kiosk')}"},
            timeout=20,
        )
        assert answer.status_code == 201
    store = open_trial_store(f"sqlite:///{tmp_path}/hallcall.sqlite3", SetClock())
    key = str(store.read(lambda connection: connection.execute(text("SELECT key FROM day_keys")).scalar_one()))
    assert key.encode() in on_disk(store)
    store.engine.dispose()
    with ServerProcess(tmp_path, clock="2026-11-24T00:00:00+08:00@1", config=config):
        end = time.monotonic() + 60
        while key.encode() in on_disk(store) and time.monotonic() < end:
            time.sleep(0.2)
        assert key.encode() not in on_disk(store), "nobody asked for it"
    store.engine.dispose()


def test_the_key_of_a_coming_day_outlives_this_one(asking: Trial) -> None:
    booked = asking.clock.now().date().replace(day=25)
    find = partial(hash_of, hall=asking.hall, day=booked, number=SecretStr(ANNA))
    booked_as = asking.store.write(find)
    asking.clock.set(NEXT_MORNING)
    asking.open("w1")
    assert asking.store.write(find) == booked_as
    asking.clock.set("2026-11-26T08:30:00+08:00")
    asking.open("w1")
    assert asking.store.write(find) != booked_as


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Served(tmp_path_factory.mktemp("asking"), halls=4, **ASKING) as served:
        yield served


def test_over_http_the_number_stays_with_the_request(counter: Served) -> None:
    home = counter.home()
    body = {"line": "civil", "person": CAI, "principal": ANNA, "request_id": "touch-1"}
    first = home.post("tickets", "kiosk", body)
    assert first.status_code == 201
    again = home.post("tickets", "kiosk", {**body, "person": EVE})
    assert again.json() == first.json(), "the number is no part of what a repeat is known by"
    for wrong in ("110105194912310021", "123", "E" * 41):
        answer = home.post("tickets", "kiosk", {"line": "civil", "person": wrong})
        assert answer.status_code == 422 and answer.json()["error"]["details"]["field"] == "person"
        assert wrong not in answer.text
    missing = home.post("tickets", "kiosk", {"line": "civil"}, headers={"Accept-Language": "en"})
    assert missing.status_code == 422 and missing.json()["error"]["details"]["field"] == "person"
    assert "document" in missing.json()["error"]["message"]
    taken = home.post("tickets", "kiosk", {"line": "civil", "person": CAI, "principal": ANNA})
    assert taken.status_code == 409 and first.json()["ticket"]["number"] in taken.json()["error"]["message"]
    line = next(one for one in home.get("catalogue", "kiosk").json()["lines"] if one["id"] == "civil")
    assert line["identity"] == "card"


def test_staff_see_the_tail_alone_and_only_before_the_visitor(counter: Served) -> None:
    home = counter.home()
    ticket = home.issue("civil", person=CAI, principal=ANNA)
    seen = f"tickets/{ticket['id']}/identity"
    tails = {"identity": {"tail": "**5678", "principal_tail": "**002X"}}
    assert home.get(seen, "desk").json() == tails
    assert home.get(seen, "clerk").status_code == 403
    home.act("w1", "open")
    home.act("w1", "call-next")
    assert home.get(seen, "clerk").json() == tails
    assert home.ask("GET", seen, token=home.token("clerk", name="two")).status_code == 403
    for role in ("supervisor", "kiosk", "display", "auditor"):
        assert home.get(seen, role).status_code == 403, role
    assert home.get("tickets/none/identity", "desk").status_code == 404
    elsewhere = home.issue("guide")
    assert home.get(f"tickets/{elsewhere['id']}/identity", "desk").json() == {"identity": None}


def test_no_answer_log_or_file_holds_a_number(counter: Served) -> None:
    home = counter.home()
    with home.client() as board, home.client("clerk") as clerk:
        home.issue("civil", person=CAI, principal=ANNA)
        home.post("tickets", "kiosk", {"line": "civil", "person": EVE, "unknown": 1})
        home.act("w1", "open")
        home.act("w1", "call-next")
        paths = ("windows", "tickets", "journal", "board", "slips", "catalogue")
        told = "".join(home.get(path, "supervisor").text for path in paths)
        told += home.ask("GET", "/metrics").text
        told += json.dumps([board.messages, clerk.messages])
    told += counter.process.said()
    assert [one for one in (CAI, ANNA, EVE) if one in told or tail_of(one) in told] == []
    files = b"".join(one.read_bytes() for one in counter.process.folder.rglob("*") if one.is_file())
    assert [one for one in (CAI, ANNA, EVE) if one.encode() in files] == []


def test_a_command_that_breaks_prints_no_number(asking: Trial, capfd: pytest.CaptureFixture[str]) -> None:
    from server.logs import set_up_logs

    set_up_logs()

    def breaks(_tx: Any) -> Any:
        number = ANNA
        raise RuntimeError(f"broken {len(number)}")

    with pytest.raises(HallError):
        asking.run(asking.kiosk, breaks)
    said = "".join(capfd.readouterr())
    assert "command_failed" in said and "broken 18" in said and ANNA not in said
