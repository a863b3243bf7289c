"""All pairs of models that are one architecture, and all that are not, as Keras code.

Each model is a function of `keras` and `keras.layers`. The judge copies the weights of the first model into the second:
by the names of the layers where both have the same names, else by their order.
"""

from __future__ import annotations

from tests.equivalence import (
    different_branches,
    different_chains,
    equal_exercises,
    equal_notation,
    equal_order,
)


def _together(*modules, name):
    found = {}
    for module in modules:
        assert not found.keys() & getattr(module, name).keys()
        found |= getattr(module, name)
    return found


EQUAL = _together(equal_exercises, equal_notation, equal_order, name="EQUAL")
DIFFERENT = _together(different_chains, different_branches, name="DIFFERENT")
