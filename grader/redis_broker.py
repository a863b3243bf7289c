"""The broker of several machines: kombu's Redis transport, which does not end over a message that is none.

Kombu 5.7 reads what it pops outside of every guard: one item that is no JSON, or JSON of another shape, ends the worker that
pops it, and each is popped by another one.
"""

from __future__ import annotations

from queue import Empty
from typing import Any

from kombu.transport import redis

from grader.sound import SoundMessage, TrueQueues, raw_of, tell

PUT_ASIDE = "grader-corrupt"
MOST_PUT_ASIDE = 1000
LONGEST = 65536


class Channel(redis.Channel):  # type: ignore[misc]
    """What is corrupt goes into a list of its own, the newest first, of limited length."""

    Message = SoundMessage

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except ValueError as error:
            self._put_aside("a queue", error)
            raise Empty from error

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except ValueError as error:
            self._put_aside(queue, error)
            raise Empty from error

    def _put_aside(self, queue: str, error: ValueError) -> None:
        tell(queue, error)
        with self.conn_or_acquire() as client:
            client.lpush(PUT_ASIDE, raw_of(error)[:LONGEST])
            client.ltrim(PUT_ASIDE, 0, MOST_PUT_ASIDE - 1)


class Transport(TrueQueues, redis.Transport):  # type: ignore[misc]
    """Kombu's entry: `broker_transport = "grader.redis_broker:Transport"`."""

    Channel = Channel
