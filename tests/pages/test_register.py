"""The register in Chromium: a unit proposes, the government decides, both sides sign; nothing else is offered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.office import opened
from tests.parts import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
PENDING = {"tax-certificate", "home-sale-tax", "mortgage"}


def written_config(folder: Path) -> Path:
    """The shipped hall, some of whose matters are not yet in."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for matter in config["halls"][0]["matters"]:
        if matter["id"] in PENDING:
            matter["entry"] = "pending"
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    folder = tmp_path_factory.mktemp("register")
    started = TrialHall(folder, config=written_config(folder))
    yield started
    started.server.stop()


def register(page: OpenPage, hall: TrialHall, role: str, unit: str | None = None, **options: object) -> Page:
    shown = opened(page, hall, "register", role, unit=unit, name=f"{role}-{unit or 'center'}", **options)  # type: ignore[arg-type]
    expect(shown.locator(".figures-row")).to_be_visible()
    return shown


def in_catalogue(hall: TrialHall) -> set[str]:
    return {one["id"] for one in hall.ask("GET", "catalogue", hall.kiosk)["matters"]}


def test_a_unit_proposes_and_the_government_approves_so_that_the_matter_leaves_the_kiosk(
    page: OpenPage, hall: TrialHall
) -> None:
    unit = register(page, hall, "unit_head", "police")
    unit.get_by_role("button", name="申请不进厅 居住证申领").click()
    unit.get_by_label("在专门大厅办理").check()
    unit.get_by_label("理由").fill("在出入境大厅集中办理")
    unit.get_by_role("dialog").get_by_role("button", name="申请不进厅").click()
    expect(unit.get_by_text("申请已提交，等待本级政府决定")).to_be_visible()
    expect(unit.get_by_role("heading", name="申请在专门大厅办理：居住证申领")).to_be_visible()
    assert "residence-permit" in in_catalogue(hall)

    government = register(page, hall, "government")
    government.get_by_role("button", name="批准", exact=True).click()
    government.get_by_label("批准文件号").fill("滨政函〔2026〕18号")
    government.get_by_label("决定日期").fill("2026-11-20")
    government.get_by_label("复审日期").fill("2027-11-20")
    government.keyboard.press("Enter")
    expect(government.get_by_text("已批准", exact=True)).to_be_visible()
    assert "residence-permit" not in in_catalogue(hall)
    row = government.get_by_role("row", name="居住证申领")
    expect(row).to_contain_text("专门大厅")
    expect(row).to_contain_text("滨政函〔2026〕18号")
    expect(unit.get_by_role("row", name="居住证申领")).to_contain_text("专门大厅")  # without anybody asking
    last = hall.ask("GET", "journal?limit=500")["events"][-1]
    assert (last["type"], last["data"]["by"], last["data"]["entry"]) == (
        "matter.entered",
        "government-center",
        "separate",
    )


def test_both_sides_sign_by_keyboard_and_the_matter_enters(page: OpenPage, hall: TrialHall) -> None:
    center = register(page, hall, "supervisor", language="en")
    center.get_by_label("Find by name").fill("Tax payment")
    center.get_by_role("button", name="Open consultation Tax payment certificate").press("Enter")
    center.keyboard.type("Please bring it in")
    center.keyboard.press("Tab")
    center.keyboard.press("Enter")
    expect(center.get_by_role("heading", name="Consultation: Tax payment certificate")).to_be_visible()
    for shown, key in ((center, "Sign"), (register(page, hall, "unit_head", "tax", language="en"), "Sign")):
        shown.get_by_role("button", name=key, exact=True).press("Enter")
        shown.get_by_role("dialog").get_by_role("button", name="Sign for the").press("Enter")
        expect(shown.get_by_text("Signed", exact=True)).to_be_visible()
    assert "tax-certificate" in in_catalogue(hall)
    expect(center.get_by_text("Nothing waits for a decision or a signature.")).to_be_visible()


def test_a_units_head_is_offered_its_own_matters_and_no_decision(page: OpenPage, hall: TrialHall) -> None:
    shown = register(page, hall, "unit_head", "resources")
    expect(shown.get_by_role("row", name="不动产抵押登记")).to_be_visible()
    expect(shown.get_by_role("row", name="居民身份证申领")).to_have_count(0)
    offered = {one.strip() for one in shown.locator("main button, main a.key").all_inner_texts()}
    assert offered == {"申请不进厅", "导出CSV", "导出Excel"}


@pytest.mark.parametrize("path", ["today", "order", "catalogue"])
def test_where_matters_could_be_hidden_a_units_head_has_no_page(page: OpenPage, hall: TrialHall, path: str) -> None:
    shown = opened(page, hall, path, "unit_head", unit="police")
    expect(shown.get_by_text("您的岗位不使用此页")).to_be_visible()
    expect(shown.locator("main button")).to_have_count(0)


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
def test_nothing_hinders_anyone_on_the_register(page: OpenPage, hall: TrialHall, language: str, width: int) -> None:
    shown = register(page, hall, "supervisor", language=language, width=width)
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.locator(".acts button").first.click()
    expect(shown.get_by_role("dialog")).to_be_visible()
    assert serious_faults(shown) == []
