"""The guide desk's page in Chromium against the real server: the job by keyboard, what rings, what stays listed."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from caller.pages import FOLDER
from hall.texts import catalogue, languages
from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall, typed_ahead

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]

COUNT_NOTES = """window.notes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.notes += 1; return start.apply(this, given); };"""
NAMED = re.compile(r"""["`(](desk|story)\.([a-z_]+)["`]""")


class DeskHall(TrialHall):
    """The hall with a guide desk and a second kiosk."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.desk = self.server.token("desk", name="5001")
        self.other_kiosk = self.server.token("kiosk", name="kiosk-2")

    def print_all(self) -> None:
        for slip in self.ask("GET", "slips?limit=200", self.desk)["slips"]:
            if slip["status"] != "printed" and slip["device"] == self.kiosk_id:
                self.ask("POST", f"slips/{slip['id']}", self.kiosk, result="printed")

    @property
    def kiosk_id(self) -> str:
        devices = self.ask("GET", "devices", self.desk)["devices"]
        return str(next(one["id"] for one in devices if one["name"] == "kiosk-1"))

    def code(self, number: str) -> str:
        """What the QR code of a number's slip holds; the API tells it to nobody."""
        with sqlite3.connect(self.server.folder / "hallcall.sqlite3") as database:
            wanted = "SELECT track_code FROM tickets WHERE number = ?"
            return str(database.execute(wanted, (number,)).fetchone()[0])

    def call(self, number: str, window: str = "w3") -> None:
        if self.window(window)["status"] == "closed":
            self.ask("POST", f"windows/{window}/open")
        self.ask("POST", f"windows/{window}/call", number=number, reason="arranged")

    def miss(self, number: str) -> None:
        self.call(number)
        self.ask("POST", "windows/w3/no-show", early=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHall]:
    started = DeskHall(tmp_path_factory.mktemp("desk"))
    yield started
    started.server.stop()


@pytest.fixture
def hall(house: DeskHall) -> DeskHall:
    """Nobody waits, no window is open, nobody calls at a kiosk, every slip is printed."""
    if not house.server.alive:
        house.server.start()
    house.clear()
    house.print_all()
    for call in house.ask("GET", "desk", house.desk)["wanted"]:
        house.ask("POST", f"kiosk-help/{call['device']}/answer", house.desk)
    return house


def at_desk(page: OpenPage, hall: DeskHall, language: str = "zh-CN", **options: Any) -> Page:
    size = {"width": 1440, "height": 900, **options}
    opened = page(f"{hall.url}/desk?language={language}#token={hall.desk}", **size)
    expect(field(opened)).to_be_focused()
    return opened


def field(opened: Page) -> Locator:
    return opened.locator("input[name=find]")


def find(opened: Page, typed: str) -> None:
    opened.keyboard.press("F2")
    opened.keyboard.type(typed)
    opened.keyboard.press("Enter")


def story_of(opened: Page, number: str) -> Locator:
    shown = opened.locator(".story")
    expect(shown.locator(".number")).to_have_text(number)
    return shown


APART = "() => new Promise((done) => setTimeout(done, 60))"
"""By the page's own timers, which fire in their order: a slow machine does not push two keys into one burst."""


def press(opened: Page, key: str) -> None:
    """A key as a hand presses it: a scanner's keys come closer together."""
    opened.evaluate(APART)
    opened.keyboard.press(key)
    opened.evaluate(APART)


TYPED = {"zh-CN": ("ylfybx", "持残疾人证", "残疾人"), "en": ("refund", "card shown", "person with a disability")}


@pytest.mark.parametrize("language", list(TYPED))
def test_a_number_is_taken_for_someone_else_by_keyboard(page: OpenPage, hall: DeskHall, language: str) -> None:
    typed, words, proof = TYPED[language]
    opened = at_desk(page, hall, language)
    find(opened, typed)
    papers = opened.locator(".paper")
    expect(papers).to_have_count(5)
    for key in "13":
        press(opened, key)
    expect(opened.locator(".paper[aria-checked=true]")).to_have_count(2)
    expect(opened.locator(".lacking")).to_contain_text("3")
    press(opened, "p")
    expect(opened.locator("dialog")).to_be_visible()
    opened.keyboard.press("2")
    opened.keyboard.type(words)
    opened.keyboard.press("Enter")
    expect(opened.locator("[data-option=class]")).to_contain_text(proof)
    press(opened, "g")
    press(opened, "+")
    expect(opened.locator("[data-option=count]")).to_contain_text("2")
    press(opened, "Enter")
    expect(opened.locator(".notice.green")).to_contain_text("kiosk-1")
    ticket = hall.tickets("waiting")[-1]
    assert (ticket["line"], ticket["matter"], ticket["class"]) == ("medical", "medical-refund", "priority")
    assert (ticket["language"], ticket["count"], ticket["guide"]) == (language, 2, True)
    said = story_of(opened, ticket["number"]).locator(".sentences")
    expect(said).to_contain_text(proof)
    expect(said).to_contain_text(words)
    assert hall.ask("GET", "slips?limit=1", hall.desk)["slips"][0]["device"] == hall.kiosk_id


def test_a_line_is_found_by_its_unit_and_chosen_with_the_arrows(page: OpenPage, hall: DeskHall) -> None:
    opened = at_desk(page, hall)
    opened.keyboard.type("税务局")
    expect(opened.locator(".choice")).not_to_have_count(0)
    expect(opened.locator(".choice").first).to_contain_text("税务")
    second = opened.locator(".choice").nth(1)
    opened.keyboard.press("ArrowRight")  # in the words, the list stays
    expect(second).to_have_attribute("aria-selected", "false")
    opened.keyboard.press("Escape")
    expect(field(opened)).to_have_value("")
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".choice[aria-selected=true]")).to_contain_text("医疗保障")
    opened.keyboard.press("Enter")
    expect(opened.locator(".issue h2")).to_have_text("医疗保障")
    press(opened, "Enter")
    expect(opened.locator(".story")).to_be_visible()
    assert hall.tickets("waiting")[-1]["line"] == "medical"


def test_a_number_s_story_is_read_and_put_right_by_keyboard(page: OpenPage, hall: DeskHall) -> None:
    missed, wrong = hall.issue(2)
    hall.print_all()
    hall.miss(missed)
    opened = at_desk(page, hall)
    find(opened, f"{missed[0].lower()}{int(missed[1:])}")
    shown = story_of(opened, missed)
    for words in (f"取号 {missed}", "kiosk-1打印了小票", "3号窗口叫号", "叫号后没有到3号窗口"):
        expect(shown.locator(".sentences")).to_contain_text(words)
    expect(shown.locator("[data-act=reinstate].primary")).to_be_visible()
    press(opened, "r")
    expect(opened.locator(".notice.green")).to_contain_text(f"{missed} 已恢复，前面还有")
    assert hall.ticket(missed)["status"] == "waiting"
    find(opened, wrong)
    story_of(opened, wrong)
    press(opened, "g")
    expect(shown.locator(".tags")).to_contain_text("导办陪同")
    press(opened, "p")
    opened.keyboard.press("1")
    opened.keyboard.press("Enter")
    expect(shown.locator(".tags")).to_contain_text("优先")
    press(opened, "t")
    opened.locator("select[name=line]").select_option("fund")
    opened.keyboard.press("Enter")
    expect(shown.locator(".sentences")).to_contain_text("转到住房公积金")
    press(opened, "c")
    expect(opened.locator(".asked")).to_contain_text(f"取消 {wrong}")
    press(opened, "Escape")
    expect(opened.locator(".asked")).to_have_count(0)
    assert hall.ticket(wrong)["status"] == "waiting"
    press(opened, "c")
    press(opened, "1")
    expect(shown.locator(".sentences")).to_contain_text("已取消。原因：群众已离开")
    assert hall.ticket(wrong)["status"] == "cancelled"
    expect(shown.locator("[data-act=cancel]")).to_have_count(0)


def test_the_next_matter_of_the_same_person_is_linked(page: OpenPage, hall: DeskHall) -> None:
    (number,) = hall.issue()
    opened = at_desk(page, hall)
    find(opened, number)
    story_of(opened, number)
    press(opened, "a")
    expect(opened.locator(".linked")).to_contain_text(number)
    opened.keyboard.type("ylfybx")
    opened.keyboard.press("Enter")
    expect(opened.locator(".issue")).to_be_visible()
    press(opened, "Enter")
    expect(opened.locator(".story .number")).to_contain_text("B")
    one, other = hall.ticket(number), hall.ticket(opened.locator(".story .number").inner_text())
    assert one["visit_id"] == other["visit_id"]


def test_a_slip_is_printed_again_on_any_printer(page: OpenPage, hall: DeskHall) -> None:
    (number,) = hall.issue()
    opened = at_desk(page, hall)
    find(opened, number)
    story_of(opened, number)
    press(opened, "b")
    expect(opened.locator(".asked .answer")).to_have_count(3)
    press(opened, "2")
    expect(opened.locator(".notice.green")).to_contain_text("kiosk-2")
    expect(opened.locator(".sentences")).to_contain_text("请kiosk-2补打小票")


def test_a_missed_slip_scanned_is_reinstated_wherever_the_focus_is(page: OpenPage, hall: DeskHall) -> None:
    missed, other = hall.issue(2)
    hall.miss(missed)
    opened = at_desk(page, hall)
    find(opened, other)
    story_of(opened, other)
    typed_ahead(opened, *f"https://hall.example.gov.cn/t/{hall.code(missed)}", "Enter")  # as fast as a scanner
    story_of(opened, missed)
    expect(opened.locator(".notice.green")).to_contain_text(f"{missed} 已恢复")
    assert (hall.ticket(missed)["status"], hall.ticket(other)["status"]) == ("waiting", "waiting")


def test_an_unknown_number_is_said_to_be_unknown(page: OpenPage, hall: DeskHall) -> None:
    opened = at_desk(page, hall)
    find(opened, "a999")
    expect(opened.locator(".notice.amber")).to_contain_text("今天没有 A999 这个号码")
    expect(field(opened)).to_be_focused()


def notes(opened: Page) -> int:
    return int(opened.evaluate("window.notes"))


def heard(opened: Page, more_than: int) -> None:
    opened.wait_for_function(f"window.notes > {more_than}")


def test_a_marked_visitor_rings_two_places_before_the_call_and_at_it(page: OpenPage, hall: DeskHall) -> None:
    numbers = hall.issue(4)
    opened = page("about:blank", width=1440, height=900)
    opened.add_init_script(COUNT_NOTES)
    opened.goto(f"{hall.url}/desk#token={hall.desk}")
    expect(field(opened)).to_be_focused()
    opened.keyboard.press("F2")
    hall.ask("POST", f"tickets/{hall.ticket(numbers[3])['id']}/guide", hall.desk, wanted=True)
    listed = opened.locator(".list.guided li")
    expect(listed).to_contain_text(f"{numbers[3]}前面还有3人")
    assert notes(opened) == 0
    expect(opened.locator(".alarm")).to_have_count(0)
    hall.call(numbers[0])
    expect(opened.locator(".alarm.near")).to_contain_text(f"{numbers[3]} 前面还有2人，请去陪同")
    heard(opened, 1)
    opened.keyboard.press("F9")
    expect(opened.locator(".alarm")).to_have_count(0)
    before = notes(opened)
    hall.call(numbers[3], "w4")
    expect(opened.locator(".alarm.called")).to_contain_text(f"{numbers[3]} 已叫号，请陪同到4号窗口")
    heard(opened, before)
    opened.keyboard.press("F9")
    opened.reload()
    expect(listed).to_contain_text("请到4号窗口")
    expect(opened.locator(".alarm")).to_have_count(0)  # what was answered stays answered


def test_a_visitor_s_call_from_a_kiosk_stays_until_someone_goes(page: OpenPage, hall: DeskHall) -> None:
    opened = at_desk(page, hall)
    hall.ask("POST", "kiosk-help", hall.kiosk)
    expect(opened.locator(".alarm.wanted")).to_contain_text("kiosk-1 旁有群众需要优先或帮助")
    opened.reload()
    expect(opened.locator(".alarm.wanted")).to_be_visible()
    opened.keyboard.press("F9")
    expect(opened.locator(".alarm")).to_have_count(0)
    expect(opened.locator(".list.wanted")).to_contain_text("现在没有群众呼叫")
    assert hall.ask("GET", "desk", hall.desk)["wanted"] == []


def test_a_number_without_paper_stays_listed_until_printed_or_dealt_with(page: OpenPage, hall: DeskHall) -> None:
    first, second = hall.issue(2)
    for slip in hall.ask("GET", "slips?limit=2", hall.desk)["slips"]:
        hall.ask("POST", f"slips/{slip['id']}", hall.kiosk, result="failed", reason="paper_out")
    opened = at_desk(page, hall)
    listed = opened.locator(".list.unprinted li")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text(f"{first}kiosk-1 · 缺纸")
    opened.keyboard.press("F8")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")  # reprint, on the printer that still has paper
    expect(listed).to_have_count(1)
    assert hall.ask("GET", "slips?limit=1", hall.desk)["slips"][0]["device"] != hall.kiosk_id
    opened.locator(".list.unprinted li button").last.press("Enter")
    expect(opened.locator(".list.unprinted")).to_contain_text("小票都已打出")
    find(opened, second)
    expect(opened.locator(".sentences")).to_contain_text("导办台已处理未打印的小票")


def test_a_cut_off_page_says_so_does_nothing_and_comes_back(page: OpenPage, hall: DeskHall) -> None:
    (number,) = hall.issue()
    opened = at_desk(page, hall)
    find(opened, number)
    story_of(opened, number)
    hall.server.kill()
    expect(opened.locator(".dated")).to_contain_text(re.compile(r"网络不通，这是 09:\d\d 的情况"))
    expect(opened.locator(".state.cut")).to_be_visible()
    expect(opened.locator("[data-act=cancel]")).to_have_attribute("aria-disabled", "true")
    press(opened, "g")
    hall.server.start()
    expect(opened.locator(".state.open")).to_be_visible()
    expect(opened.locator(".dated")).to_have_count(0)
    assert not hall.ticket(number).get("guide")


def test_a_clerk_s_or_device_s_link_does_not_open_the_desk(page: OpenPage, hall: DeskHall) -> None:
    for token in (hall.clerk, hall.kiosk):
        opened = page(f"{hall.url}/desk#token={token}", width=1024, height=768)
        expect(opened.locator(".alone")).to_contain_text("此页供导办台和值班主任使用")
    opened = page(f"{hall.url}/desk#token={hall.supervisor}", width=1024, height=768)
    expect(field(opened)).to_be_focused()


def test_letters_typed_into_a_field_are_no_keys(page: OpenPage, hall: DeskHall) -> None:
    (number,) = hall.issue()
    opened = at_desk(page, hall)
    find(opened, number)
    story_of(opened, number)
    press(opened, "p")
    opened.keyboard.press("6")
    expect(opened.locator("input[name=words]")).to_be_focused()
    opened.keyboard.type("cgb 1")
    expect(opened.locator("input[name=words]")).to_have_value("cgb 1")
    opened.keyboard.press("Escape")
    expect(opened.locator("dialog")).to_have_count(0)
    assert (hall.ticket(number)["status"], hall.ticket(number)["class"]) == ("waiting", "ordinary")


def test_the_story_alone_is_printed(page: OpenPage, hall: DeskHall) -> None:
    (number,) = hall.issue()
    opened = at_desk(page, hall)
    find(opened, number)
    story_of(opened, number)
    opened.emulate_media(media="print")
    for hidden in (".head", ".aside", ".find", ".acts"):
        expect(opened.locator(hidden)).to_be_hidden()
    expect(opened.locator(".sentences")).to_be_visible()


STATES = {
    "wide": ("zh-CN", 1440, 900, False),
    "narrow": ("en", 1024, 768, False),
    "wide large": ("en", 1440, 900, True),
    "narrow large": ("zh-CN", 1024, 768, True),
}


@pytest.mark.parametrize(("language", "width", "height", "large"), list(STATES.values()), ids=list(STATES))
def test_every_state_is_whole_and_without_serious_faults(
    page: OpenPage, hall: DeskHall, language: str, width: int, height: int, large: bool
) -> None:
    first, second = hall.issue(2)
    slips = hall.ask("GET", "slips?limit=200", hall.desk)["slips"]
    slip = next(one for one in slips if one["status"] == "pending")
    hall.ask("POST", f"slips/{slip['id']}", hall.kiosk, result="failed", reason="cover_open")
    hall.ask("POST", f"tickets/{hall.ticket(first)['id']}/guide", hall.desk, wanted=True)
    hall.ask("POST", "kiosk-help", hall.kiosk)
    opened = at_desk(page, hall, language, width=width, height=height)
    expect(opened.locator(".alarm")).to_have_count(2)
    if large:
        opened.locator(".head .icon").last.click()
    for name in states(opened, second, TYPED[language][0]):
        assert serious_faults(opened) == [], name
        assert opened.evaluate(WIDER) == [], name


PARTS = "main, aside, .card, .key, .option, .alarm, dialog"
WIDER = f"""() => [document.documentElement, ...document.querySelectorAll('{PARTS}')]
    .filter((part) => part.scrollWidth > part.clientWidth + 2).map((part) => part.className + ' ' + part.innerText)"""


def states(opened: Page, number: str, typed: str) -> Iterator[str]:
    yield "home"
    opened.keyboard.press("F2")
    opened.keyboard.type(typed)
    yield "search"
    opened.keyboard.press("Enter")
    expect(opened.locator(".issue")).to_be_visible()
    press(opened, "1")
    yield "issue"
    press(opened, "p")
    expect(opened.locator("dialog")).to_be_visible()
    yield "proof"
    opened.keyboard.press("Escape")
    find(opened, number)
    story_of(opened, number)
    yield "story"
    press(opened, "c")
    yield "question"
    press(opened, "Escape")
    press(opened, "t")
    expect(opened.locator("dialog")).to_be_visible()
    yield "transfer"


@pytest.mark.parametrize("language", list(languages()))
def test_every_message_named_on_the_page_has_a_text(language: str) -> None:
    named = {found for source in FOLDER.glob("desk*.js") for found in NAMED.findall(source.read_text(encoding="utf-8"))}
    assert len(named) > 60
    assert [name for domain, name in sorted(named) if f"{domain}.{name}" not in catalogue(language, domain)] == []


def test_every_text_of_the_page_is_said_somewhere() -> None:
    said = "".join(source.read_text(encoding="utf-8") for source in FOLDER.glob("desk*.js"))
    made = tuple(f"desk.{part}_" for part in re.findall(r"`desk\.([a-z_]+)_\$\{", said))
    texts = [key for key in catalogue("zh-CN", "desk") if f'"{key}"' not in said and not key.startswith(made)]
    assert texts == []
