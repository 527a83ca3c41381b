"""Slips and API answers for the tests of paper."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import zxingcpp
from PIL import Image

from printers.slip import Slip

TRACK = "https://hall.example.cn/t/Jx0dQ2y7wYb3aXc9eFgH1A"

CHINESE = Slip(
    hall="滨江市政务服务中心",
    line="社会保险",
    number="A023",
    ahead=5,
    expected_wait=(15, 25),
    waiting_place="一楼A区",
    windows=("3", "4", "5"),
    issued_at=datetime(2026, 11, 23, 9, 42, tzinfo=ZoneInfo("Asia/Shanghai")),
    missed_rule=None,
    order_note="优先、预约的号码穿插办理，叫号可能不按号码顺序",
    track_url=TRACK,
    language="zh-CN",
)
ENGLISH = replace(
    CHINESE,
    hall="Binjiang Administrative Service Center",
    line="Social insurance",
    waiting_place="Zone A, 1st floor",
    order_note="Numbers may be called out of order: priority numbers are served in between.",
    language="en",
)
LONG = replace(
    CHINESE,
    hall="滨江市经济技术开发区行政审批和政务服务管理中心",
    line="不动产登记、交易、税收综合受理（含抵押、预告、更正登记）",
    number="AB1234",
    windows=(*map(str, range(1, 9)), "11", "13", "15", "17", "19", "21"),
    reprint=True,
)
RARE = replace(CHINESE, hall="䶮县政务服务中心", line="㐂😀业务")

TICKET: dict[str, Any] = {
    "id": "0198",
    "number": "A023",
    "day": "2026-11-23",
    "line": "social",
    "class": "ordinary",
    "language": "zh-CN",
    "status": "waiting",
    "ahead": 5,
    "expected_wait": {"low": 15, "likely": 20, "high": 25},
    "windows": [{"id": "w3", "name": "3", "zone": "a"}, {"id": "w4", "name": "4", "zone": "a"}],
    "issued_at": "2026-11-23T01:42:10Z",
    "track_url": None,
}
CATALOGUE: dict[str, Any] = {
    "hall": {"id": "main", "name": "滨江市政务服务中心", "time_zone": "Asia/Shanghai"},
    "lines": [{"id": "social", "name": "社会保险", "zones": [{"id": "a", "name": "一楼A区", "floor": 1}]}],
    "classes": [{"id": "ordinary", "name": "普通"}],
    "zones": [{"id": "a", "name": "一楼A区", "floor": 1}, {"id": "b", "name": "二楼B区", "floor": 2}],
    "rules": {"no_show_calls": 2},
}


def codes_in(picture: Image.Image) -> list[str]:
    """What a phone reads from the picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]
