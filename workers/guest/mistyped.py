"""Whether a module's name is another one's with a slip of the fingers: `kears`, and not `scikeras` or `keras_tuner`."""

from __future__ import annotations

from collections.abc import Iterable

_SHORT, _FEW, _SOME = 7, 1, 2
_PRIVATE = ("keras.src.", "keras.api.", "tensorflow.python.")


def meant(name: str, known: Iterable[str]) -> str | None:
    """The known name that differs by a letter (or two of a long one) too many, too few, wrong or out of order."""
    if name.startswith(_PRIVATE):
        return None  # an editor put it there, and its neighbours are no help
    most = _FEW if len(name.rpartition(".")[2]) <= _SHORT else _SOME
    away = {one: 0 if one.casefold() == name.casefold() else distance(one, name) for one in known}
    # What begins with another one's whole name is an extension of it, not a slip: tensorflowjs.
    near = [
        one
        for one in sorted(away, key=away.__getitem__)
        if away[one] <= (_FEW if name.startswith(one) else most)
    ]
    return near[0] if near else None


def distance(one: str, other: str) -> int:
    """How many letters must be put in, left out, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        older, before, row = before, row, [i + 1]
        for j, beside in enumerate(other):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (letter != beside))
            if i and j and letter == other[j - 1] and one[i - 1] == beside:
                cost = min(cost, older[j - 1] + 1)
            row.append(cost)
    return row[-1]
