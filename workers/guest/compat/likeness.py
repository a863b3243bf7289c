"""Which of the names that there are was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The public name that is most like another one, capitals aside; among equals the one for pictures."""
    public = {one.lower(): one for one in known if not one.startswith("_")}
    near = difflib.get_close_matches(name.lower(), public, n=4, cutoff=cutoff)
    likeness = [difflib.SequenceMatcher(None, name.lower(), one).ratio() for one in near]
    best = [public[one] for one, ratio in zip(near, likeness, strict=True) if ratio == likeness[0]]
    return next((one for one in best if "2D" in one), best[0]) if best else None
