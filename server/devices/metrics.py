"""Devices as Prometheus sees them, judged at each scrape as the device page judges them."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.db import Store
from server.devices.states import Moment, device_states

STATES = ("ok", "warning", "fault", "silent", "off", "never")


class DeviceGauges(Collector):
    def __init__(self, store: Store, halls: list[str], moment: Callable[[], Moment]) -> None:
        self.store = store
        self.halls = halls
        self._moment = moment

    def describe(self) -> Iterable[Metric]:
        return ()  # asked at the start, when there is no moment yet

    def collect(self) -> Iterable[Metric]:
        count = GaugeMetricFamily("hallcall_devices", "Devices by state", labels=["hall", "state"])
        red = GaugeMetricFamily("hallcall_device_red", "1: faulty or silent", labels=["hall", "device", "name"])
        drift = GaugeMetricFamily(
            "hallcall_device_clock_drift_seconds",
            "A device's clock less the server's",
            labels=["hall", "device", "name"],
        )
        for hall in self.halls:
            found = self.store.read(partial(device_states, hall=hall, moment=self._moment()))
            states = Counter(one.state for one in found)
            for state in STATES:
                count.add_metric([hall, state], states[state])
            for one in found:
                name = "" if one.kind == "caller" else one.name  # it may be the clerk's own number
                red.add_metric([hall, one.id, name], one.red)
                if one.drift_seconds is not None:
                    drift.add_metric([hall, one.id, name], one.drift_seconds)
        return (count, red, drift)
