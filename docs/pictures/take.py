"""Takes the README's pictures anew, from a real hall on a temporary folder: python docs/pictures/take.py"""

import sys
import tempfile
import time
from pathlib import Path

import yaml
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from hall.link import Link  # noqa: E402
from server.commands.together import House, Ports  # noqa: E402
from tests.browser import chromium  # noqa: E402

CLOCK = "2026-11-23T09:20:00+08:00@6"
ARRIVALS = {"social": 5, "property": 4, "general": 3, "business": 3, "tax": 2, "household": 2, "medical": 2, "fund": 2}
HANDS = ("clerk", "clerks", "desk", "supervisor", "system_admin", "security_admin", "auditor", "leadership")
PENDING = {"tax-certificate", "home-sale-tax", "mortgage"}
PEOPLE = (
    ("1007", "周敏", "supervisor", None),
    ("2001", "陈晓", "desk", None),
    ("3021", "王芳", "clerk", "hrss"),
    ("3022", "李建国", "clerk", "tax"),
    ("3023", "古丽米热", "clerk", "police"),
    ("5001", "张秀英", "unit_head", "police"),
    ("7001", "刘洋", "security_admin", None),
    ("8001", "赵静", "auditor", None),
)
OPEN = ("w2", "w3", "w5", "w6", "w9", "w11", "w12", "w14")


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        house = House(Path(name), written_config(Path(name)), Ports(), CLOCK, HANDS)
        path, arguments = chromium()
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            house.start()
            fill(house)
            take_all(house, browser)
        finally:
            browser.close()
            house.stop()


def written_config(folder: Path) -> Path:
    """The shipped hall, where some matters are not in the hall yet."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for matter in config["halls"][0]["matters"]:
        if matter["id"] in PENDING:
            matter["entry"] = "pending"
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path


def fill(house: House) -> None:
    """Some minutes of a morning: people come, windows call and serve."""
    desk, clerks = house.link("desk"), house.link("clerks")
    for window in OPEN:
        clerks.post(f"windows/{window}/open")
    for turn in range(5):
        for line, people in ARRIVALS.items():
            for _ in range(max(1, people - turn)):
                desk.post("tickets", line=line)
        for window in OPEN:
            if called(clerks, window):
                clerks.post(f"windows/{window}/start")
        time.sleep(10)


def called(link: Link, window: str) -> bool:
    return link.post(f"windows/{window}/call-next", finish="completed") is not None


def take_all(house: House, browser: Browser) -> None:
    take_kiosk(house, browser)
    take_calls(house, browser)
    take_staff(house, browser)
    take_center(house, browser)
    take_visitor(house, browser)


def take_kiosk(house: House, browser: Browser) -> None:
    kiosk = opened(browser, f"{house.kiosk_url}/", 1080, 1920)
    keep(kiosk, "kiosk", 480)
    kiosk.get_by_role("button", name="社会保险").click()
    kiosk.get_by_text("办理窗口").first.wait_for()
    kiosk.wait_for_timeout(2500)
    keep(kiosk, "taken", 480)
    newest = max((house.folder / "slips").glob("*.png"), key=lambda file: file.stat().st_mtime)
    shrink(newest, "slip", 480)


def take_calls(house: House, browser: Browser) -> None:
    """Board and window screen, just called; then the clerk's page, serving."""
    display = house.tokens["display"]
    board = opened(browser, f"{house.display_url}/", 1920, 1080)
    window = opened(browser, f"{house.server_url}/window/w3#token={display}", 1920, 1080)
    clerk, hands = house.link("clerk"), house.link("clerks")
    clerk.post("windows/w1/open")
    for other in ("w6", "w14", "w9", "w12"):
        called(hands, other)
    board.wait_for_timeout(10_500)  # those are no longer amber when the next two are called
    for first_line in ("综合咨询", "社会保险"):  # the list of lines turns its pages: the first one is wanted
        board.get_by_text(first_line).wait_for()
    called(hands, "w3")
    called(clerk, "w1")
    board.wait_for_timeout(1000)
    keep(board, "board", 960)
    keep(window, "window", 960)
    clerk.post("windows/w1/start")
    keep(opened(browser, f"{house.server_url}/clerk#token={house.tokens['clerk']}", 1280, 800), "clerk", 960)


def take_staff(house: House, browser: Browser) -> None:
    """The guide desk with the story of a number that came back, the hall today, its order, devices and their check."""
    desk, hands = house.link("desk"), house.link("clerks")
    ticket = hands.get("windows/w3")["window"]["ticket"]
    hands.post("windows/w3/recall")
    hands.post("windows/w3/no-show", early=True)
    desk.post(f"tickets/{ticket['id']}/reinstate")
    page = opened(browser, f"{house.server_url}/desk#token={house.tokens['desk']}", 1280, 800)
    page.keyboard.type(ticket["number"])
    page.keyboard.press("Enter")
    page.wait_for_timeout(2500)
    keep(page, "desk", 960)
    keep(opened(browser, f"{house.server_url}/today#token={house.tokens['supervisor']}", 1440, 900), "today", 960)
    keep(opened(browser, f"{house.server_url}/order#token={house.tokens['supervisor']}", 1440, 900), "order", 960)
    keep(opened(browser, f"{house.server_url}/devices#token={house.tokens['system_admin']}", 1440, 900), "devices", 960)
    checked = opened(browser, f"{house.server_url}/self-check#token={house.tokens['supervisor']}", 1440, 900)
    checked.wait_for_timeout(20_000)  # the loudspeaker is really asked for a sentence
    keep(checked, "self-check", 960)


def take_center(house: House, browser: Browser) -> None:
    """The catalogue, the register, a sheet, a complaint answered, the people, the audit, and the public page."""
    supervisor, desk, security = (house.link(name) for name in ("supervisor", "desk", "security_admin"))
    reason = "按统一部署在出入境大厅集中办理"
    supervisor.post("register/exemptions", matter="residence-permit", kind="separate", reason=reason)
    case = desk.post("cases", unit="tax", words="排了四十分钟才发现材料不全，取号时没有人提醒。")["case"]
    supervisor.post(f"cases/{case['id']}/answer", answer="已请导办台在取号前核对材料，向您致歉。")
    desk.post("cases", unit="hrss", words="三号窗口叫号后没有人。")
    for login, name, role, unit in PEOPLE:
        security.post("accounts", login=login, name=name, role=role, unit=unit)
    pages = {"catalogue": "system_admin", "register": "supervisor", "sheets": "leadership", "people": "security_admin"}
    for name, role in pages.items():
        keep(opened(browser, f"{house.server_url}/{name}#token={house.tokens[role]}", 1440, 900), name, 960)
    cases = opened(browser, f"{house.server_url}/cases#token={house.tokens['supervisor']}", 1440, 900)
    cases.locator(".item").first.click()
    cases.wait_for_timeout(1000)
    keep(cases, "cases", 960)
    audit = opened(browser, f"{house.server_url}/audit#token={house.tokens['auditor']}", 1440, 900)
    audit.get_by_role("button", name="立即核验").click()
    audit.get_by_text("完整", exact=False).first.wait_for()
    keep(audit, "audit", 960)
    keep(opened(browser, f"{house.server_url}/hall", 1440, 900), "hall", 960)


def take_visitor(house: House, browser: Browser) -> None:
    """The phone of someone waiting, a slot being booked, and the tablet just after a service."""
    ticket = house.link("desk").post("tickets", line="medical")["ticket"]
    keep(opened(browser, ticket["track_url"], 390, 844), "phone", 390)
    booking = opened(browser, f"{house.server_url}/booking", 390, 844)
    booking.get_by_text("不动产登记").click()
    booking.wait_for_timeout(1500)
    keep(booking, "booking", 390)
    tablet = opened(browser, f"{house.server_url}/rate/w2#token={house.tokens['display']}", 1280, 800)
    house.link("clerks").post("windows/w2/complete")
    tablet.get_by_text("非常满意").wait_for()
    tablet.wait_for_timeout(1000)
    keep(tablet, "rating", 960)


def opened(browser: Browser, url: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.goto(url)
    page.wait_for_selector("#app *, main")
    page.wait_for_timeout(2500)
    return page


def keep(page: Page, name: str, width: int) -> None:
    whole = HERE / f"{name}.png"
    page.screenshot(path=whole)
    shrink(whole, name, width)


def shrink(file: Path, name: str, width: int) -> None:
    picture = Image.open(file).convert("RGB")
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
