"""Who may be on the way, for how long, and who goes first when there are too many."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from grader.web.arriving import ANSWER, BODY, HEADER, IDLE, LEFTOVERS, WORK, Channel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """Seconds, bytes and numbers that a process bears."""

    header: float = 15.0
    """From the first moment of a connection, or the first byte of a later request, to the end of the header."""

    idle: float = 5.0
    """Between two requests of a connection."""

    window: float = 20.0
    least: int = 20 * 1024
    """Bytes of a body, or of an answer, that must go in each window: 1 KiB a second. How long it takes in all is free."""

    leftovers: float = 30.0
    """For a client that reads no answer before it has sent all of what is too large."""

    of_one_address: int = 200
    """Connections without a whole request."""

    connections: int = 1000
    """Of all."""

    held: int = 256 * 1024 * 1024
    """Bytes of all bodies that are not whole."""

    look: float = 1.0
    behind_proxy: bool = False
    """Then all connections come from one address, and it is the proxy's work to count."""


QUIET_SECONDS = 60.0
WAITING = (HEADER, BODY)
FIRST_TO_GO = (LEFTOVERS, IDLE, HEADER, BODY)
"""Where there are too many; a body that has come far goes last, and a whole request never."""


class Lobby:
    """Looks at all connections of a process."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._quiet_until = 0.0

    def look(self, channels: Sequence[Channel], now: float) -> None:
        """End who is late, and who is too many."""
        for channel in channels:
            if self._is_late(channel, now):
                channel.end_early(told=channel.state == BODY)
        here = [channel for channel in channels if channel.connected]
        self._bound_addresses(here, now)
        self._end_some(here, len(here) - self.patience.connections, now)
        self._bound_bytes(here, now)

    def welcome(self, newcomer: Channel, channels: Sequence[Channel], now: float) -> None:
        """One more: bounds hold at every moment, not only when we look."""
        if len(channels) > self.patience.of_one_address and not self.patience.behind_proxy:
            address = address_of(newcomer)
            self._bound_address([one for one in channels if address_of(one) == address], now)
        if len(channels) > self.patience.connections:
            self._end_some([one for one in channels if one.connected], 1, now)

    def _is_late(self, channel: Channel, now: float) -> bool:
        state = channel.look(now)
        taken = now - channel.since
        if state == WORK:
            return False
        if state in (BODY, ANSWER):
            return taken >= self.patience.window and self._is_slow(channel, now)
        return (
            taken
            > {
                HEADER: self.patience.header,
                IDLE: self.patience.idle,
                LEFTOVERS: self.patience.leftovers,
            }[state]
        )

    def _is_slow(self, channel: Channel, now: float) -> bool:
        """At the end of a window; the next begins."""
        slow = channel.moved < self.patience.least
        channel.count_anew(now)
        return slow

    def _bound_addresses(self, channels: Sequence[Channel], now: float) -> None:
        if self.patience.behind_proxy or len(channels) <= self.patience.of_one_address:
            return
        for address, number in Counter(map(address_of, channels)).items():
            if number > self.patience.of_one_address:
                self._bound_address([one for one in channels if address_of(one) == address], now)

    def _bound_address(self, channels: Sequence[Channel], now: float) -> None:
        waiting = [one for one in channels if one.connected and one.state in WAITING]
        self._end_some(waiting, len(waiting) - self.patience.of_one_address, now)

    def _end_some(self, channels: Sequence[Channel], number: int, now: float) -> None:
        """The ones that matter least, and of these who has been at it for longest."""
        if number <= 0:
            return
        order = [
            (FIRST_TO_GO.index(one.look(now)), one.began, one) for one in channels if not one.is_answered
        ]
        for _, _, channel in sorted(order, key=lambda entry: entry[:2])[:number]:
            channel.end_early()
        self._tell("too many connections: those without a whole request that took longest are ended", now)

    def _bound_bytes(self, channels: Sequence[Channel], now: float) -> None:
        bodies = sorted((one for one in channels if one.look(now) == BODY), key=lambda one: one.began)
        held = sum(one.held for one in bodies)
        for channel in bodies:
            if held <= self.patience.held:
                return
            held -= channel.held
            self._tell("too many bytes on their way: the bodies that took longest are ended", now)
            channel.end_early(told=True)

    def _tell(self, words: str, now: float) -> None:
        """Once a minute; a flood writes no log full."""
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET_SECONDS
            log.warning(words)


def address_of(channel: Channel) -> str:
    """Where it comes from; of IPv6 the network of 64 bits, since whoever has one address there has all of them."""
    known = ip_address(str(channel.addr[0]).partition("%")[0])
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)
