"""The catalogue in Chromium: an administrator changes, imports and is refused; others see what is theirs to see."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.office import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("catalogue"))
    yield started
    started.server.stop()


def catalogue(page: OpenPage, hall: TrialHall, view: str, role: str = "system_admin", **options: object) -> Page:
    shown = opened(page, hall, f"catalogue?view={view}", role, **options)  # type: ignore[arg-type]
    expect(shown.locator("main section").first).to_be_visible()
    return shown


def change(shown: Page, key: str) -> Locator:
    """The dialog of one part, opened."""
    shown.locator(f"tr[data-id={key}]").get_by_role("button", name="修改").click()
    return shown.get_by_role("dialog")


def save(shown: Page, reason: str = "更正错误") -> None:
    shown.get_by_role("button", name="核对改动").click()
    shown.get_by_label("理由").fill(reason)
    shown.get_by_role("button", name="保存").click()


def name_at_kiosk(hall: TrialHall, matter: str) -> str:
    found = hall.ask("GET", "catalogue?language=zh-CN", hall.kiosk)["matters"]
    return str(next(one["name"] for one in found if one["id"] == matter))


def test_a_matter_is_renamed_by_keyboard_alone_and_the_kiosk_has_it_at_once(page: OpenPage, hall: TrialHall) -> None:
    shown = catalogue(page, hall, "matters")
    other = catalogue(page, hall, "matters", "auditor")
    shown.get_by_role("searchbox").press_sequentially("gsrd")  # 工伤认定 by its initials
    row = shown.locator("tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="修改").press("Enter")
    shown.keyboard.press("End")
    shown.keyboard.type("申请")
    shown.keyboard.press("Enter")
    expect(shown.locator(".changes")).to_contain_text("工伤认定申请")
    shown.keyboard.type("更正名称")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("已保存：工伤认定申请")).to_be_visible()
    assert name_at_kiosk(hall, "work-injury") == "工伤认定申请"
    expect(row.get_by_role("button", name="修改")).to_be_focused()
    expect(other.locator("tr[data-id=work-injury]")).to_contain_text("工伤认定申请")  # without anybody asking
    last = hall.ask("GET", "journal?limit=500")["events"][-1]
    assert (last["type"], last["data"]["by"], last["data"]["reason"]) == ("layout.changed", "9001", "更正名称")


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(page: OpenPage, hall: TrialHall) -> None:
    hall.issue()
    hall.ask("POST", "windows/w3/open", hall.clerk)
    hall.ask("POST", "windows/w3/call-next", hall.clerk)
    shown = catalogue(page, hall, "windows")
    dialog = change(shown, "w3")
    dialog.get_by_label("窗口名称").fill("5")
    dialog.get_by_role("button", name="医疗保障推后").click()
    save(shown, "换牌")
    name = dialog.get_by_label("窗口名称")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator(".wrong")).to_have_text("不能与其他重复")
    expect(dialog.get_by_label("医疗保障的次序")).to_have_value("3")

    dialog.get_by_role("button", name="关闭此窗口").click()
    expect(dialog).to_contain_text("关闭不是删除")
    expect(dialog.get_by_label("理由")).to_have_value("换牌")
    dialog.get_by_role("button", name="关闭此窗口").click()
    expect(dialog.get_by_role("alert")).to_contain_text("3号窗口正在办理A001")
    dialog.get_by_role("button", name="返回修改").click()
    name.fill("3A")
    save(shown)
    expect(shown.locator("tr[data-id=w3]")).to_contain_text("3A")


def test_who_comes_second_sees_what_the_first_did_and_keeps_what_was_typed(page: OpenPage, hall: TrialHall) -> None:
    first, second = catalogue(page, hall, "units"), catalogue(page, hall, "units")
    mine, theirs = change(second, "civil"), change(first, "civil")
    mine.get_by_label("名称（English）").fill("Marriage and family")
    theirs.get_by_label("管理体制").select_option("dual")
    save(first)
    expect(first.locator("tr[data-id=civil]")).to_contain_text("双重管理")
    save(second)
    mine.get_by_role("button", name="看看新的内容").click()
    expect(mine.locator(".notice .changes")).to_contain_text("双重管理")
    expect(mine.locator("form > .changes")).to_contain_text("Marriage and family")
    mine.get_by_role("button", name="保存").click()
    expect(second.get_by_role("dialog")).to_have_count(0)
    found = hall.ask("GET", "layout")["units"]
    civil = next(one for one in found if one["id"] == "civil")
    assert (civil["kind"], civil["name"]["en"]) == ("dual", "Marriage and family")


def test_a_new_version_of_the_categories_takes_the_place_of_the_latest(page: OpenPage, hall: TrialHall) -> None:
    shown = catalogue(page, hall, "categories")
    shown.get_by_role("button", name="新版类别").click()
    shown.get_by_label("名称（中文）").first.fill("2026年分类")
    save(shown)
    expect(shown.get_by_role("region", name="2026年分类")).to_contain_text("licence-2026")
    expect(shown.get_by_role("region", name="现行分类")).to_contain_text("→")
    shown.get_by_role("button", name="事项 ").first.click()
    offered = change(shown, "employer-insurance").get_by_label("类别").locator("option")
    expect(offered).to_have_count(9)  # the eight of the latest, and the one that this matter still has
    expect(offered.last).to_have_text("公共服务（现行分类）")


def written(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return file


def test_a_file_with_mistakes_is_told_row_by_row_and_goes_in_once_mended(
    page: OpenPage, hall: TrialHall, tmp_path: Path
) -> None:
    shown = catalogue(page, hall, "matters")
    with shown.expect_download() as fetched:
        shown.get_by_role("link", name="导出CSV").click()
    with fetched.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == hall.ask("GET", "layout")["counts"]["matters"]
    columns = list(rows[0])
    key, name, line = (next(one for one in columns if one.startswith(word)) for word in ("编号", "名称", "取号业务"))
    by_id = {row[key]: row for row in rows}
    new = {**by_id["medical-aid"], key: "medical-card", name: "医保电子凭证激活"}
    wrong = [{**by_id["medical-refund"], line: "medicine"}, {**by_id["id-card"], name: ""}, new]

    shown.get_by_role("button", name="导入").click()
    dialog = shown.get_by_role("dialog")
    dialog.get_by_label("选择文件").set_input_files(written(tmp_path / "matters.csv", wrong))
    expect(dialog.get_by_role("alert")).to_contain_text("文件有2处错误")
    expect(dialog.locator("tbody tr").first).to_contain_text("medicine")
    expect(dialog.locator("tbody tr").first.locator("th")).to_have_text("2")
    expect(dialog.get_by_role("button", name="导入")).to_have_count(0)

    mended = [by_id["medical-refund"], {**by_id["id-card"], name: "首次申领居民身份证"}, new]
    dialog.get_by_label("选择文件").set_input_files(written(tmp_path / "matters.csv", mended))
    expect(dialog.locator(".sums")).to_contain_text("新增1修改1不变1")
    expect(dialog.locator(".found")).to_contain_text("首次申领居民身份证")
    assert name_at_kiosk(hall, "id-card") == "居民身份证申领"  # only looked at
    dialog.get_by_label("理由").fill("医保新增事项")
    dialog.get_by_role("button", name="导入2项").click()
    expect(shown.get_by_text("已导入：新增1项，修改1项")).to_be_visible()
    assert name_at_kiosk(hall, "id-card") == "首次申领居民身份证"
    assert name_at_kiosk(hall, "medical-card") == "医保电子凭证激活"


def test_a_supervisor_stations_clerks_and_changes_nothing_else(page: OpenPage, hall: TrialHall) -> None:
    shown = catalogue(page, hall, "matters", "supervisor")
    for view in ("事项", "取号业务", "窗口", "进驻单位", "区域", "时间与规则", "事项类别"):
        shown.locator(".views button").filter(has_text=view).first.click()
        expect(shown.get_by_role("heading", name=view, exact=True)).to_be_visible()
        for key in ("修改", "新增", "导入", "新版"):
            expect(shown.locator("main").get_by_role("button", name=key)).to_have_count(0)
    shown.locator(".views button").last.click()
    shown.get_by_role("button", name="新增人员安排").click()
    shown.get_by_role("dialog").get_by_label("工号").fill("3021")
    shown.get_by_role("dialog").get_by_label("窗口").select_option("w3")
    save(shown, "排班")
    row = shown.locator("tbody tr").filter(has_text="3021")
    expect(row).to_contain_text("在岗")
    row.get_by_role("button", name="修改").click()
    shown.get_by_role("button", name="结束此安排").click()
    shown.get_by_label("理由").fill("调离")
    shown.get_by_role("button", name="结束此安排").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "width", "views", "key"),
    [("zh-CN", 1440, ("zones", "hours"), "修改"), ("en", 390, ("windows", "categories"), "Change")],
)
def test_nothing_hinders_anyone_on_the_catalogue(
    page: OpenPage, hall: TrialHall, language: str, width: int, views: tuple[str, ...], key: str
) -> None:
    for view in views:
        shown = catalogue(page, hall, view, language=language, width=width)
        assert serious_faults(shown) == []
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shown.locator("main").get_by_role("button", name=key).first.click()
        expect(shown.get_by_role("dialog")).to_be_visible()
        assert serious_faults(shown) == []


def test_the_longest_form_hinders_nobody_folded_out(page: OpenPage, hall: TrialHall) -> None:
    shown = catalogue(page, hall, "matters", language="en", width=900)
    shown.get_by_role("searchbox").fill("property-transfer")
    expect(shown.locator("tbody tr")).to_have_count(1)
    shown.get_by_role("button", name="Change Transfer of a property").press("Enter")
    shown.locator("dialog summary").press("Enter")
    expect(shown.get_by_label("Time limit (English)")).to_be_visible()
    assert serious_faults(shown) == []
