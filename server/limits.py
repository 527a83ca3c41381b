"""How often one address may do what anybody may: so many a minute, kept in memory that does not grow."""

from collections import OrderedDict
from ipaddress import IPv6Address, IPv6Network
from time import monotonic


class Told:
    """What may be written of refusals: somebody known has a share of their own, all strangers have one together."""

    def __init__(self) -> None:
        self._known = Limit(200, 3600)
        self._stranger = Limit(600, 3600)
        self._same = Limit(3)
        self._left_out = 0

    def allows(self, who: str | None, same: str, words: str) -> str | None:
        """The line to write, with how many were left out before it; None: this one is left out too."""
        fits = self._known.allows(who) if who else self._same.allows(same) and self._stranger.allows("")
        if not fits:
            self._left_out += 1
            return None
        left_out, self._left_out = self._left_out, 0
        return f"{words} (+{left_out})" if left_out else words


def _whose(address: str | None) -> str:
    """Whoever has one address of IPv6 has the 2^64 beside it too: they share what one may."""
    try:
        found = IPv6Address(address or "")
    except ValueError:
        return address or ""
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


class Limit:
    """Counts what each address has had of its share; the longest unseen are forgotten first."""

    def __init__(self, most: int, seconds: float = 60, addresses: int = 10_000) -> None:
        self.most = most
        self.seconds = seconds
        self.addresses = addresses
        self._had: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def left(self, address: str | None) -> bool:
        """Whether an address has any of its share left; counts nothing."""
        began, had = self._had.get(_whose(address), (monotonic(), 0))
        return had < self.most or monotonic() - began >= self.seconds

    def allows(self, address: str | None) -> bool:
        """Counts once more for an address; False when that is beyond its share."""
        key, now = _whose(address), monotonic()
        began, had = self._had.pop(key, (now, 0))
        if now - began >= self.seconds:
            began, had = now, 0
        self._had[key] = began, had + 1
        if len(self._had) > self.addresses:
            self._had.popitem(last=False)
        return had < self.most
