"""How often one address may do what anybody may: so many a minute, kept in memory that does not grow."""

from collections import OrderedDict
from time import monotonic


class Limit:
    """Counts what each address has had of its share; the longest unseen are forgotten first."""

    def __init__(self, most: int, seconds: float = 60, addresses: int = 10_000) -> None:
        self.most = most
        self.seconds = seconds
        self.addresses = addresses
        self._had: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def left(self, address: str | None) -> bool:
        """Whether an address has any of its share left; counts nothing."""
        began, had = self._had.get(address or "", (monotonic(), 0))
        return had < self.most or monotonic() - began >= self.seconds

    def allows(self, address: str | None) -> bool:
        """Counts once more for an address; False when that is beyond its share."""
        key, now = address or "", monotonic()
        began, had = self._had.pop(key, (now, 0))
        if now - began >= self.seconds:
            began, had = now, 0
        self._had[key] = began, had + 1
        if len(self._had) > self.addresses:
            self._had.popitem(last=False)
        return had < self.most
