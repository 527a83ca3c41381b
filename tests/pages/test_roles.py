"""One journey a role in Chromium, from the door on: account and password at /sign-in, their work, a page refused.

A kiosk's journey (a touch gives a slip) is `test_kiosk.py`, with `test_together.py` through every real part; a
display's (the board shows a call) is `test_board.py`. They come by a device's token and sign in nowhere.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import insert

from hall.settings import load_settings
from server.opening import store_as_it_is
from server.sign_in.passwords import hashed
from server.tables.people import accounts
from tests.browser import OpenPage
from tests.pages.clerk_hall import HALL, TrialHall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("roles")]
PASSWORD = "lantern-ferry-9"
OWN = "paper-river-71"
FIRST = re.compile(r"First sign-in at /sign-in \(binjiang\): admin (\S+)")
AWAITED = "滨政函〔2026〕18号"

Enter = Callable[..., Page]


class RolesHall(TrialHall):
    """A hall whose people have accounts; the server's first words hold the first administrator's password."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        found = FIRST.search(self.server.said())
        assert found, "the first start tells the one-time password"
        self.once = found[1]
        self.store = store_as_it_is(load_settings(self.server.config, self.server.environment))
        self.kept = hashed(PASSWORD)

    def person(self, role: str, unit: str | None = None, must_change: bool = False, login: str = "") -> str:
        """An account; answers its login."""
        login, now = login or f"{role}-1", self.store.clock.now()
        row = {"hall_id": HALL, "id": f"a-{uuid.uuid4().hex[:16]}", "login": login, "name": "王芳", "role": role}
        row |= {"unit_id": unit, "password_hash": self.kept, "password_at": now, "must_change": must_change}
        row |= {"recovery": [], "created_by": "test", "created_at": now}
        self.store.write(lambda connection: connection.execute(insert(accounts), row))
        return login


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolesHall]:
    started = RolesHall(tmp_path_factory.mktemp("roles"))
    yield started
    started.store.engine.dispose()
    started.server.stop()


@pytest.fixture
def enter(page: OpenPage, hall: RolesHall) -> Enter:
    """`enter("desk")`: somebody of that role at their own first page, through the door."""

    def through_the_door(role: str, home: str, unit: str | None = None, must_change: bool = False) -> Page:
        shown = at_door(page, hall, hall.person(role, unit, must_change), PASSWORD)
        if must_change:
            choose_password(shown)
        expect(shown).to_have_url(re.compile(rf"/{home}(\?|$)"))
        return shown

    return through_the_door


def at_door(page: OpenPage, hall: RolesHall, login: str, password: str) -> Page:
    shown = page(f"{hall.url}/sign-in", width=1440, height=900)
    shown.get_by_label("工号").fill(login)
    shown.get_by_label("密码", exact=True).fill(password)
    shown.get_by_role("button", name="登录").click()
    return shown


def choose_password(shown: Page) -> None:
    expect(shown.get_by_role("heading", name="设置您自己的密码")).to_be_visible()
    shown.get_by_label("新密码", exact=True).fill(OWN)
    shown.get_by_label("再输一次新密码", exact=True).fill(OWN)
    shown.get_by_role("button", name="保存密码").click()


def told_that_it_is_not_theirs(shown: Page, hall: RolesHall, path: str) -> None:
    shown.goto(f"{hall.url}/{path}")
    expect(shown.get_by_text("您的岗位不使用此页")).to_be_visible()
    expect(shown.locator("main button, main input")).to_have_count(0)


def dialog(shown: Page) -> Locator:
    return shown.get_by_role("dialog")


def test_a_clerk_chooses_a_password_opens_a_window_calls_and_finishes(enter: Enter, hall: RolesHall) -> None:
    (number,) = hall.issue(1, line="household")
    shown = enter("clerk", "clerk", unit="police", must_change=True)
    expect(shown.locator(".choose")).to_be_visible()
    shown.keyboard.type("12")
    shown.keyboard.press("Enter")
    expect(shown.locator(".work")).to_be_visible()
    shown.keyboard.press("o")
    expect(shown.locator(".state.open")).to_be_visible()
    shown.keyboard.press("Space")
    expect(shown.locator(".now .number")).to_have_text(number)
    shown.keyboard.press("a")
    expect(shown.get_by_text("办理中").first).to_be_visible()
    shown.keyboard.press("f")
    expect(shown.locator(".now .number")).to_have_count(0)
    assert hall.ticket(number)["status"] == "completed"
    told_that_it_is_not_theirs(shown, hall, "today")


def test_the_desk_takes_a_number_for_somebody_and_finds_it_again(enter: Enter, hall: RolesHall) -> None:
    shown = enter("desk", "desk")
    find = shown.locator("input[name=find]")
    expect(find).to_be_focused()
    find.fill("税务局")
    expect(shown.locator(".choice").first).to_contain_text("税务")
    shown.keyboard.press("Enter")
    shown.keyboard.press("Enter")
    expect(shown.locator(".notice.green")).to_be_visible()
    number = hall.tickets("waiting")[-1]["number"]
    find.fill(number)
    shown.keyboard.press("Enter")
    expect(shown.locator(".story .number")).to_have_text(number)
    told_that_it_is_not_theirs(shown, hall, "people")


def test_a_units_head_proposes_and_reads_the_own_figures_alone(enter: Enter, hall: RolesHall) -> None:
    shown = enter("unit_head", "sheets", unit="police")
    expect(shown.get_by_text("只显示本单位的数字")).to_be_visible()
    shown.get_by_role("link", name="应进必进").click()
    shown.get_by_role("button", name="申请不进厅 居住证申领").click()
    shown.get_by_label("在专门大厅办理").check()
    shown.get_by_label("理由").fill("在出入境大厅集中办理")
    dialog(shown).get_by_role("button", name="申请不进厅").click()
    expect(shown.get_by_role("heading", name="申请在专门大厅办理：居住证申领")).to_be_visible()
    expect(shown.get_by_role("button", name="批准", exact=True)).to_have_count(0)
    expect(shown.get_by_role("row", name="税收完税证明")).to_have_count(0)
    told_that_it_is_not_theirs(shown, hall, "order")


def test_a_supervisor_lends_a_line_suspends_one_and_answers_a_complaint(enter: Enter, hall: RolesHall) -> None:
    desk = hall.server.token("desk", name="4001")
    hall.ask("POST", "cases", desk, words="窗口没有人", unit="police")
    hall.ask("POST", "windows/w9/open")
    shown = enter("supervisor", "today")
    shown.locator("[data-window=w9]").click()
    dialog(shown).get_by_role("button", name="请窗口兼办").click()
    dialog(shown).locator("select").first.select_option("fund")
    dialog(shown).get_by_label("到几点").fill("11:00")
    dialog(shown).get_by_label("理由").fill("公积金人多")
    dialog(shown).get_by_role("button", name="确定").click()
    expect(shown.locator("[data-window=w9]")).to_contain_text("兼办")
    shown.locator("[data-line=transport]").click()
    dialog(shown).get_by_role("button", name="暂停取号").click()
    dialog(shown).get_by_label("到几点").fill("11:30")
    dialog(shown).get_by_role("button", name="确定").click()
    expect(shown.locator("[data-line=transport]")).to_contain_text("暂停取号，11:30恢复")
    shown.get_by_role("link", name="投诉办理").click()
    shown.locator(".item").click()
    shown.get_by_label("答复群众").fill("已增开窗口，向您致歉")
    shown.get_by_role("button", name="答复", exact=True).click()
    expect(shown.locator(".story")).to_contain_text("已增开窗口")
    told_that_it_is_not_theirs(shown, hall, "people")


def test_a_system_administrator_sees_to_the_devices(enter: Enter, hall: RolesHall) -> None:
    shown = enter("system_admin", "catalogue")
    shown.get_by_role("link", name="设备").click()
    expect(shown.get_by_role("row").filter(has_text="kiosk-1")).to_be_visible()
    told_that_it_is_not_theirs(shown, hall, "audit")


def test_a_security_administrator_makes_an_account_and_ends_its_session(page: OpenPage, hall: RolesHall) -> None:
    shown = at_door(page, hall, "admin", hall.once)
    choose_password(shown)
    shown.get_by_role("button", name="新建账号").click()
    dialog(shown).get_by_label("工号").fill("4002")
    dialog(shown).get_by_label("姓名").fill("李敏")
    dialog(shown).get_by_label("岗位").select_option("desk")
    dialog(shown).get_by_role("button", name="建立账号").click()
    once = shown.locator("[data-password]").inner_text()
    dialog(shown).get_by_role("button", name="已记下").click()
    theirs = at_door(page, hall, "4002", once)
    choose_password(theirs)
    expect(theirs).to_have_url(re.compile("/desk"))
    expect(theirs.locator("input[name=find]")).to_be_visible()
    expect(shown.locator("[data-login='4002']")).to_contain_text("1处登录")
    shown.get_by_role("button", name="管理4002").click()
    dialog(shown).get_by_role("button", name="退出所有登录").click()
    dialog(shown).get_by_role("button", name="退出所有登录").click()
    expect(shown.get_by_text("4002已全部退出。")).to_be_visible()
    expect(theirs.get_by_role("link", name="登录")).to_be_visible()  # within seconds, without anybody touching it
    told_that_it_is_not_theirs(shown, hall, "register")


def test_a_second_factor_is_set_up_by_keyboard_alone_and_no_key_takes_its_codes_away(
    page: OpenPage, hall: RolesHall
) -> None:
    login = hall.person("supervisor", login="1009")
    shown = at_door(page, hall, login, PASSWORD)
    expect(shown).to_have_url(re.compile("/today"))
    shown.goto(f"{hall.url}/account")
    shown.get_by_role("button", name="设置二次验证").press("Enter")
    shown.keyboard.type(PASSWORD)
    shown.keyboard.press("Enter")
    secret = shown.locator(".secret").inner_text().replace(" ", "")
    expect(shown.get_by_label("验证码")).to_be_focused()
    shown.keyboard.type(pyotp.TOTP(secret).now())
    shown.keyboard.press("Enter")
    codes = shown.locator(".recovery li")
    expect(codes).to_have_count(8)
    shown.keyboard.press("Escape")
    shown.keyboard.press("Escape")
    expect(codes).to_have_count(8)
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("还剩8个恢复码")).to_be_visible()


def test_an_auditor_proves_the_journal_and_reads_who_did_what(enter: Enter, hall: RolesHall) -> None:
    security = hall.server.token("security_admin", name="7001")
    hall.ask("POST", "accounts", security, login="4003", name="赵静", role="government")
    shown = enter("auditor", "audit")
    expect(shown.get_by_role("region", name="账号和岗位变动")).to_contain_text(
        "4003 本级政府"
    )  # without being asked for
    shown.get_by_role("button", name="立即核验").click()
    expect(shown.get_by_text("完整", exact=False).first).to_be_visible(timeout=60_000)
    shown.get_by_role("button", name="访问日志").click()
    expect(shown.locator("tbody tr").filter(has_text="auditor-1").filter(has_text="登录").first).to_be_visible()
    told_that_it_is_not_theirs(shown, hall, "order")


def test_the_government_approves_an_exemption(enter: Enter, hall: RolesHall) -> None:
    head = hall.server.token("unit_head", name="resources", unit="resources")
    hall.ask("POST", "register/exemptions", head, matter="mortgage", kind="separate", reason="不动产中心集中办理")
    shown = enter("government", "sheets")
    shown.get_by_role("link", name="应进必进").click()
    shown.locator(".waiting-item, article, li").filter(has_text="不动产抵押登记").get_by_role(
        "button", name="批准", exact=True
    ).first.click()
    shown.get_by_label("批准文件号").fill(AWAITED)
    shown.get_by_label("决定日期").fill("2026-11-20")
    shown.get_by_label("复审日期").fill("2027-11-20")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("row", name="不动产抵押登记")).to_contain_text(AWAITED)
    told_that_it_is_not_theirs(shown, hall, "cases")


def test_leadership_reads_a_sheet_and_takes_it_as_a_file(enter: Enter, hall: RolesHall) -> None:
    shown = enter("leadership", "today")
    shown.get_by_role("link", name="报表").click()
    expect(shown.get_by_role("heading", name="2026年11月23日星期一")).to_contain_text("截至目前")
    with shown.expect_download() as fetched:
        shown.get_by_role("link", name="导出CSV").click()
    assert fetched.value.path().read_text("utf-8-sig").startswith("分组,编号,名称,取号量")
    told_that_it_is_not_theirs(shown, hall, "devices")
