"""A mistake in config.yaml or the environment is named by place, value and what was expected."""

from pathlib import Path

import pytest

from hall.errors import SettingsError
from hall.settings import Settings, load_settings

SHIPPED = Path(__file__).parents[2] / "config.yaml"
PRINTER = 'kind: network, address: "127.0.0.1:9100"'
SOCIAL = "{zh-CN: 社会保险, en: Social insurance}"


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped config.yaml with the first place of each text changed."""
    text = SHIPPED.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, f"config.yaml no longer says {before}"
        text = text.replace(before, after, 1)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings(path, environment or {})
    return str(raised.value)


MISTAKES = [
    ("lines: {social: 1, m", "lines: {social: 12, m", "windows.2.lines.social = 12: expected a rank from 1 to 9"),
    ("lines: {social: 1, m", "lines: {socal: 1, m", 'windows.2.lines.socal = "socal": expected one of social, '),
    ("lines: {social: 1, m", "lines: {SO: 1, m", 'windows.2.lines.SO = "SO": expected a key of small letters'),
    ('name: "3", zone', "name: 3, zone", "windows.2.name = 3: expected 1 to 12 characters in quotes"),
    ('name: "3", zone', 'name: "2", zone', 'windows.2.name = "2": expected one of its own; windows.1 has it'),
    ('name: "3", zone: a', 'name: "3"', "windows.2.zone: is missing"),
    ('name: "3", zone: a', 'name: "3", zone: c', 'windows.2.zone = "c": expected one of a, b'),
    (
        'name: "3"',
        'name: "3", rank: 1',
        "windows.2.rank = 1: unknown key; expected one of id, lines, name, zone",
    ),
    ("prefix: B", "prefix: A", 'lines.1.prefix = "A": expected one of its own; lines.0 has it'),
    ("prefix: B", "prefix: b", 'lines.1.prefix = "b": expected one or two capital letters'),
    ("id: property,", "id: social,", 'lines.4.id = "social": expected one of its own; lines.0 has it'),
    (
        "Asia/Shanghai",
        "Asia/Shangai",
        'time_zone = "Asia/Shangai": expected a time zone such as Asia/Shanghai',
    ),
    ("Asia/Shanghai", "Asia", 'time_zone = "Asia": expected a time zone'),
    ('["08:00-16:30"]', '["16:30-08:00"]', 'issuing.0 = "16:30-08:00": expected a span of one day'),
    ('["08:00-16:30"]', '["8 to 16"]', 'issuing.0 = "8 to 16": expected a span of one day'),
    ('["08:00-16:30"]', '["08:00-24:30"]', 'issuing.0 = "08:00-24:30": expected a span of one day'),
    ('["08:00-16:30"]', "08:00-16:30", 'issuing = "08:00-16:30": expected a list'),
    (SOCIAL, "{en: Social insurance}", "lines.0.name = keys with values: expected a zh-CN text"),
    (SOCIAL, "12", "lines.0.name = 12: expected a text, or a text for each language"),
    (SOCIAL, "{zh-CN: 社会保险, en: No}", "lines.0.name.en = false: expected a text of 1 to 80 characters"),
    (
        SOCIAL,
        '{zh-CN: "\\e@", en: x}',
        'lines.0.name.zh-CN = "\\u001b@": expected a text of 1 to 80 characters',
    ),
    (SOCIAL, "{zh-CN: ' ', en: x}", 'lines.0.name.zh-CN = " ": expected a text of 1 to 80 characters'),
    (SOCIAL, "{zh-CN: 税, 2: x}", "lines.0.name.2 = 2: expected a language such as zh-CN or en"),
    ("kind: dual", "kind: duel", "units.4.kind = \"duel\": expected 'local', 'dual' or 'vertical'"),
    ("guide_line: guide", "guide_line: gide", 'guide_line = "gide": expected one of social, '),
    ("unit: hrss, line", "unit: hrs, line", 'matters.0.unit = "hrs": expected one of services, hrss, '),
    ("line: social, category", "line: soc, category", 'matters.0.line = "soc": expected one of social, '),
    ("category: service,", "category: servce,", 'matters.0.category = "servce": expected one of '),
    ("daily_quota: 120", "daily_quota: 0", "lines.8.daily_quota = 0: expected a whole number from 1 up"),
    ("{holidays: CN}", "{holidays: XX}", 'calendar.holidays = "XX": expected a country whose holidays are known'),
    ("{holidays: CN}", "{closed: [soon]}", 'calendar.closed.0 = "soon": expected a day such as 2026-12-31'),
    ("capacity: 4, days_ahead: 14", "days_ahead: 14", "lines.8.booking.capacity: is missing"),
    ("capacity: 4, days_ahead: 14", "capacity: 0", "lines.8.booking.capacity = 0: expected a whole number from 1 to 9"),
    ("slot_minutes: 30, capacity: 4", "slot_minutes: 3, capacity: 4", "lines.8.booking.slot_minutes = 3: expected"),
    ("numbers: 70", "numbers: few", 'lines.8.slot_quotas.0.numbers = "few": expected a whole number from 1 to'),
    ("no_show_calls: 2", "no_show_calls: two", 'rules.no_show_calls = "two": expected a number of calls'),
    ("rating: on", "rating: sometimes", "rules.rating = \"sometimes\": expected 'on', 'off' or 'export'"),
    ("common: true", "common: true, identity: face", "lines.0.identity = \"face\": expected 'none', 'typed' or 'card'"),
    (
        "common: true",
        "common: true, agent_limit: 0",
        "lines.0.agent_limit = 0: expected a number of tickets from 1 to 99",
    ),
    ("common: true", "common: often", 'lines.0.common = "often": expected true or false'),
    ("floor: 2", "floor: second", 'zones.1.floor = "second": expected a floor, a whole number'),
]


@pytest.mark.parametrize("before, after, said", MISTAKES)
def test_a_mistake_in_a_hall_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = written(tmp_path, (before, after))
    line = next(n for n, text in enumerate(SHIPPED.read_text().splitlines(), 1) if before in text)
    assert complaint(path).startswith(f"{path}:{line}: halls.0.{said}")


OUTSIDE = [
    ("port: 8000", "port: 99999", "server.port = 99999: expected a port from 0 to 65535"),
    ("port: 8000", "port: yes", "server.port = true: expected a port from 0 to 65535"),
    (
        "port: 8000",
        "prot: 8000",
        "server.prot = 8000: unknown key; expected one of clock, database_url, host, oidc",
    ),
    (
        "server:",
        "servr:",
        "servr = keys with values: unknown key; "
        "expected one of alerts, data_dir, devices, halls, notices, retention, server",
    ),
    ("data_dir: data", "data_dir: [data]", "data_dir = a list: expected the name of a folder"),
    (
        PRINTER,
        'kind: usb, address: "127.0.0.1:9100"',
        'printer.address = "127.0.0.1:9100": expected VENDOR:PRODUCT',
    ),
    (PRINTER, "kind: network, address: printer", 'printer.address = "printer": expected HOST:PORT'),
    (
        PRINTER,
        "kind: laser",
        "printer.kind = \"laser\": expected 'network', 'usb', 'serial', 'file', 'cups' or 'windows'",
    ),
    ("width_dots: 576", "width_dots: 575", "printer.width_dots = 575: expected 384, 512 or 576"),
    ("大屏, zone: b", "大屏, zone: q", 'devices.displays.1.zone = "q": expected one of a, b'),
    ("id: board-b", "id: board-a", 'displays.1.id = "board-a": expected one of its own; displays.0 has it'),
    ("repeat: 2", "repeat: 0", "devices.voice.repeat = 0: expected a number of times from 1 to 3"),
    ("languages: [zh-CN]", "languages: []", "devices.voice.languages: expected at least one"),
    ("repeat: 2", "chime: gong", "devices.voice.chime = \"gong\": expected 'two_notes', 'three_notes'"),
    ("repeat: 2", 'quiet: ["12 to 13"]', 'devices.voice.quiet.0 = "12 to 13": expected a span of one day'),
    ("repeat: 2", 'volumes: [{span: "08:00-09:00", volume: 6}]', "volumes.0.volume = 6: expected a volume from 0 to 1"),
    ("大屏, zone: b", "大屏, zone: b, voice: {rate: 9}", "devices.displays.1.voice.rate = 9: expected words a minute"),
    (
        "大屏, zone: b",
        "大屏, speaks: true",
        "devices.displays.2.speaks = true: expected one loudspeaker a zone; displays.1 speaks there",
    ),
    (
        "name: 一楼取号机",
        "name: 机\n      idle_seconds: 15",
        "warning_seconds = 20: expected less than idle_seconds (15)",
    ),
    ("numbers: 20", "numbers: 9999", "offline.numbers = 9999: expected a number of tickets from 0 to 2000"),
    ("hours: 4}", "hours: 0}", "offline.hours = 0: expected hours from 1 to 24"),
    ("first: 801", "first: 1", "rules.bands.first = 1: expected a whole number from 2 to 9901"),
    ("zones:\n", "zones: []\n    x:\n", "halls.0.zones: expected at least one"),
]


@pytest.mark.parametrize("before, after, said", OUTSIDE)
def test_a_mistake_elsewhere_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = written(tmp_path, (before, after))
    assert f"{path}:" in complaint(path) and said in complaint(path)


@pytest.mark.parametrize(
    "variable, value, said",
    [
        ("HALLCALL_PORT", "abc", 'HALLCALL_PORT = "abc": expected a port from 0 to 65535'),
        ("HALLCALL_CLOCK", "noon", "HALLCALL_CLOCK = \"noon\": expected 'real', or START@SPEED"),
        ("HALLCALL_CLOCK", "2026-11-23T08:30:00@60", "expected 'real', or START@SPEED"),
        ("HALLCALL_CLOCK", "2026-11-23T08:30:00+08:00@0", "expected 'real', or START@SPEED"),
        ("HALLCALL_REDIS_URL", "localhost", 'HALLCALL_REDIS_URL = "localhost": expected redis://'),
        ("HALLCALL_PUBLIC_URL", "hall.example", 'HALLCALL_PUBLIC_URL = "hall.example": expected an https://'),
    ],
)
def test_a_mistake_in_the_environment_is_named_by_its_variable(variable: str, value: str, said: str) -> None:
    assert said in complaint(SHIPPED, {variable: value})


def test_a_complaint_never_shows_a_password() -> None:
    said = complaint(SHIPPED, {"HALLCALL_DATABASE_URL": "mysql://hall:geheim@db/hall"})
    assert "geheim" not in said and "expected sqlite:///FILE or postgresql://" in said


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    address = "postgresql+psycopg://hall:geheim@db/hall"
    said = complaint(written(tmp_path, ("port: 8000", f"port: 8000\n  database_url: {address}")))
    assert "expected it in HALLCALL_DATABASE_URL" in said and "geheim" not in said


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    changes = [("port: 8000", "port: -1"), ("prefix: B", "prefix: bb"), ("repeat: 2", "repeat: 7")]
    assert len(complaint(written(tmp_path, *changes)).splitlines()) == 3


def test_a_key_written_twice_is_refused_where_yaml_would_keep_the_last(tmp_path: Path) -> None:
    path = written(tmp_path, ("  port: 8000", "  port: 8000\n  port: 8001"))
    assert complaint(path) == f"{path}:9: server.port: stands twice"


@pytest.mark.parametrize(
    "text, said",
    [
        ("halls: [", "not readable as YAML"),
        ("halls: 2026-13-45", "not readable as YAML"),
        ("", "expected settings such as 'halls:', found nothing"),
        ("- halls", "expected settings such as 'halls:', found a list"),
        ("{}", "halls: is missing"),
        ("halls: []", "halls: expected at least one"),
        ("halls: [7]", "halls.0 = 7: expected keys with values"),
        ("halls: [{}]", "halls.0.windows: is missing"),
        ("1: 2\nhalls: []", "1 = 1: unknown key"),
        ("[" * 5000, "not readable as YAML"),
        ("halls: &a [*a]", "halls.0 = a list: expected keys with values"),
    ],
)
def test_a_file_that_is_no_hall_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    assert said in complaint(path)


def test_bytes_that_are_no_text_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00halls")
    assert "not readable as YAML" in complaint(path)


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    assert complaint(tmp_path / "no.yaml").endswith("there is no such file; name one with --config")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = load_settings(SHIPPED, {"HALLCALL_PORT": "8123", "HALLCALL_DATA_DIR": str(tmp_path)})
    assert (settings.server.port, settings.data_dir) == (8123, tmp_path)


def test_an_empty_variable_leaves_what_the_file_says() -> None:
    assert load_settings(SHIPPED, {"HALLCALL_PORT": ""}).server.port == 8000


def test_the_environment_fills_a_part_that_the_file_leaves_out(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text("server:\n" + text[text.index("data_dir:") :], encoding="utf-8")
    assert load_settings(path, {"HALLCALL_PORT": "8123"}).server.port == 8123


def test_settings_written_as_json_and_read_again_are_the_same() -> None:
    settings = load_settings(SHIPPED, {})
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize("written_as", ["off", "no", "'off'"])
def test_what_yaml_takes_for_false_is_off(tmp_path: Path, written_as: str) -> None:
    settings = load_settings(written(tmp_path, ("rating: on", f"rating: {written_as}")), {})
    assert settings.halls[0].rules.rating == "off"


def test_a_plain_text_is_a_chinese_name(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, (SOCIAL, "社会保险")), {})
    assert settings.halls[0].lines[0].name == {"zh-CN": "社会保险"}
