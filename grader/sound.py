"""Messages that no broker of ours can have written: put aside, counted, and nobody ends over them."""

from __future__ import annotations

import logging
from typing import Any

from kombu.transport import virtual

log = logging.getLogger(__name__)


class Corrupt(ValueError):
    """A message of another shape; `raw` is what there is of it."""

    def __init__(self, raw: Any) -> None:
        super().__init__("a message that is none")
        self.raw = raw


class SoundMessage(virtual.Message):  # type: ignore[misc]
    """A message; `Corrupt` where the payload has not got what one has."""

    def __init__(self, payload: Any, channel: Any = None, **more: Any) -> None:
        try:
            super().__init__(payload, channel=channel, **more)
            delivery = self.delivery_info["routing_key"], self.delivery_tag
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Corrupt(payload) from error
        if not all(isinstance(each, str) for each in delivery) or not isinstance(self.headers, dict):
            raise Corrupt(payload)


class TrueQueues(virtual.Transport):  # type: ignore[misc]
    """A transport whose messages say from which queue they came: kombu believes what their sender wrote there."""

    def _deliver(self, message: Any, queue: str) -> None:
        try:
            about = message["properties"]["delivery_info"]
            if isinstance(about["routing_key"], str):
                about["exchange"], about["routing_key"] = "", queue
        except (KeyError, TypeError):
            pass  # `SoundMessage` tells what is wrong with it
        super()._deliver(message, queue)


def raw_of(error: ValueError) -> str:
    """What was there instead of a message, as text: for whoever looks into it later."""
    raw = getattr(error, "raw", None) or getattr(error, "doc", None) or getattr(error, "object", "")
    return raw if isinstance(raw, str) else repr(raw)


def tell(queue: str, error: ValueError) -> None:
    """Say in a line that something was put aside."""
    log.error("a message in %s was put aside, it is corrupt: %s: %s", queue, type(error).__name__, error)
