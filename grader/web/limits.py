"""How often somebody may do something; whoever does it more often is asked to wait, and told for how long."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from werkzeug.exceptions import TooManyRequests

from grader.db.columns import utc_now
from grader.db.tallies import window_start
from grader.web.current import client_address, wiring
from grader.web.waiting import duration
from grader.web.words import _


@dataclass(frozen=True)
class Limit:
    """At most `most` of something in a window, for each account or each address; 0 means any number."""

    name: str
    most: int
    window: timedelta


QUARTER = timedelta(minutes=15)
SIGN_IN = Limit("sign-in", 60, QUARTER)
"""Right passwords count as well, since each costs a slow hash; wrong ones have a closer limit in `services.accounts`."""

SIGN_IN_OF_ADDRESS = Limit("sign-in of address", 1000, QUARTER)
TOKENS = Limit("tokens", 60, timedelta(hours=1))
JOINING = Limit("joining", 30, QUARTER)
EXPORTS = Limit("exports", 30, timedelta(minutes=1))
POLICY_REPORTS = Limit("policy reports", 60, timedelta(minutes=1))
MINUTE = timedelta(minutes=1)
MINUTE_SECONDS = 60
ACCOUNTS_BEHIND_ONE_ADDRESS = 20


def spend(limit: Limit, who: str) -> None:
    """Count one for `who`, an id or an address; TooManyRequests where that is one too many."""
    if not limit.most:
        return
    now = utc_now()
    key = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
    if wiring().tallies.add(f"{limit.name}:{key}", now, limit.window) > limit.most:
        wait = window_start(now, limit.window) + limit.window - now
        seconds = max(1, round(wait.total_seconds()))
        raise TooManyRequests(
            _("That was too often for now. Wait {time}, then try again.", time=_no_less(seconds)),
            retry_after=seconds,
        )


def spend_sign_in(email: str) -> None:
    """One try to sign in, right or wrong: for this account from this address, and for the address."""
    address = client_address()
    spend(SIGN_IN_OF_ADDRESS, address)
    spend(SIGN_IN, f"{address} {email.strip().casefold()}")


def spend_upload(user: str) -> None:
    """One submission of an account; a classroom behind one address may send many times as many."""
    most = wiring().settings.uploads_per_minute
    spend(Limit("uploads", most, MINUTE), user)
    spend(Limit("uploads of address", most * ACCOUNTS_BEHIND_ONE_ADDRESS, MINUTE), client_address())


def _no_less(seconds: int) -> str:
    """A waiting time in words, never shorter than it is."""
    return duration(
        seconds if seconds < MINUTE_SECONDS else MINUTE_SECONDS * math.ceil(seconds / MINUTE_SECONDS)
    )
