"""Between processes: a commit in one is announced to the others over Valkey; the events come from the journal."""

from collections.abc import Callable

import gevent
import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
CHANNEL = "hallcall:committed"
RETRY_SECONDS = 1


class Wire:
    """One process's end of the announcements. A lost one costs nothing: the next look or commit catches up."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=3, decode_responses=True)

    def announce(self, hall: str, seq: int) -> None:
        try:
            self._redis.publish(CHANNEL, f"{hall} {seq}")
        except RedisError as error:
            log.warning("announcement_lost", hall=hall, seq=seq, error=str(error))

    def listen(self, committed: Callable[[str, int], None]) -> None:
        """Passes on what other processes announce, for ever; comes back when Valkey does."""
        while True:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
                    heard.subscribe(CHANNEL)
                    while True:
                        message = heard.get_message(timeout=1.0)
                        if message is not None:
                            hall, seq = message["data"].rsplit(" ", 1)
                            committed(hall, int(seq))
            except RedisError as error:
                log.warning("wire_down", error=str(error))
                gevent.sleep(RETRY_SECONDS)
