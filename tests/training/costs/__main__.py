"""`make costs`: what each kind of layer costs in a step of training, measured, into grader/domain/layers/costs.py.

One thread of this machine, some minutes. Costs are ratios to the unit's multiplications, so that they hold on other machines,
too; the table has them doubled.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from grader.domain.layers import Activation, Identity, Layer, size_of
from grader.domain.layers.work import kind_of, work
from tests.training.costs import died
from tests.training.costs.cases import PICTURES, Case, cases
from tests.training.costs.measuring import UNIT, of_a_node, of_a_weight, prepare, seconds
from workers.training.train import OPTIMIZERS

MADE = Path(__file__).resolve().parents[3] / "grader" / "domain" / "layers" / "costs.py"
FACTOR = 2
"""What a machine may be worse at than ours, beside the unit."""

_NOTHING = Case(Identity(), (48, 48, 16))
_LEAST_SHARE = 0.2

HEAD = '''"""What kinds of layers cost in a step of training, made by `make costs`; `grader/domain/layers/work.py` says how it is used.

Everything in multiplications of the convolution that is the unit, doubled where it is another thing.
"""

from __future__ import annotations

from collections.abc import Mapping

'''


@dataclass(frozen=True)
class Measured:
    """A case, and what it cost: `cost`, in multiplications of the unit, for one sample and each of the three passes of a step."""

    case: Case
    cost: float

    @property
    def counts_products(self) -> bool:
        """Whether its multiplications are counted, not only its numbers."""
        return type(self.case.layer).operations is not Layer.operations

    @property
    def products(self) -> int:
        """Its multiplications, as counted."""
        return self.case.layer.operations(self.case.shapes)

    @property
    def numbers(self) -> int:
        """Those that go in and come out."""
        return sum(map(size_of, self.case.shapes)) + size_of(self.case.layer.output_shape(self.case.shapes))


def measured() -> list[Measured]:
    """Every case, without what the loss that is put behind it costs.

    The unit is measured again and again, for a machine does not keep its pace.
    """
    one = size_of(_NOTHING.shape)
    of_loss = _cost(_NOTHING) / one
    found = []
    for case in cases():
        cost = _cost(case)
        behind = of_loss * size_of(case.layer.output_shape(case.shapes))
        found.append(Measured(case, max(cost - behind, cost * _LEAST_SHARE)))
    return found


def _cost(case: Case) -> float:
    return seconds(case) / seconds(UNIT) * UNIT.layer.operations(UNIT.shapes)


def fit(found: Sequence[Measured]) -> tuple[float, float]:
    """Costs of a multiplication and of a number that no case exceeds, and that exceed the cases least.

    A multiplication costs one at least; just one in the unit's kind, where small channels cost by their numbers.
    """
    highest = max(one.cost / one.numbers for one in found)
    if not found[0].counts_products:
        return 0.0, highest
    pairs = []
    for number in (highest * share / 50 for share in range(51)):
        product = max((one.cost - number * one.numbers) / one.products for one in found)
        pairs.append((max(1.0, product), number))
    if _is_unit(found[0].case):
        pairs = [pair for pair in pairs if pair[0] == 1.0]
    return min(pairs, key=lambda pair: sum(math.log(_told(pair, one) / one.cost) for one in found))


def _is_unit(case: Case) -> bool:
    return kind_of(case.layer, case.shapes) == kind_of(UNIT.layer, UNIT.shapes)


def _told(pair: tuple[float, float], one: Measured) -> float:
    return pair[0] * one.products + pair[1] * one.numbers


def page(found: Sequence[Measured], weights: dict[str, float], node: float) -> str:
    """The file."""
    kinds, functions = defaultdict(list), defaultdict(list)
    for one in found:
        layer = one.case.layer
        if isinstance(layer, Activation):
            functions[kind_of(layer, one.case.shapes)].append(one)
        else:
            kinds[kind_of(layer, one.case.shapes)].append(one)
    fitted = {kind: fit(cost) for kind, cost in kinds.items()}
    factors = {kind: 1 if _is_unit(cost[0].case) else FACTOR for kind, cost in kinds.items()}
    products = {kind: pair[0] * factors[kind] for kind, pair in fitted.items() if pair[0]}
    numbers = {kind: pair[1] * factors[kind] for kind, pair in fitted.items()}
    names = {
        name: max(2 * one.cost / one.numbers for one in cost) * FACTOR for name, cost in functions.items()
    }
    return HEAD + "\n\n".join(
        [
            _table("PER_MULTIPLICATION", products, "Of each that the layer counts."),
            _table("PER_NUMBER", numbers, "Of each number that goes in or comes out."),
            _table(
                "OF_ACTIVATIONS", names, "Of each number that comes out, where a layer has such a function."
            ),
            _table(
                "PER_WEIGHT",
                {name: cost * FACTOR for name, cost in weights.items()},
                "Of each weight that an optimizer changes, once a step.",
            ),
            f'PER_NODE = {math.ceil(node * FACTOR)}\n"""Of each use of a layer, once a step, however small it is."""\n',
        ]
    )


def _table(name: str, costs: dict[str, float], words: str) -> str:
    lines = [f'    "{key}": {math.ceil(cost)},' for key, cost in sorted(costs.items())]
    return "\n".join([f"{name}: Mapping[str, int] = {{", *lines, "}", f'"""{words}"""'])


def _sample() -> dict[str, float]:
    """What some dear layers cost here, as a share of their price."""
    wanted = {"LayerNormalization", "gelu", "MaxPooling2D"}
    found: dict[str, float] = {}
    for case in cases():
        kind = kind_of(case.layer, case.shapes)
        if case.shape in PICTURES[1::2] and kind.partition(" ")[0] in wanted:
            share = min(_cost(case) for _ in range(2)) / work(case.layer, case.shapes)
            found[kind] = max(share, found.get(kind, 0.0))
    return found


def main(words: Sequence[str]) -> None:
    """Measure, and write the table; with `--sample` measure some, and print what share of their prices that is.

    `--died` measures the networks that ended their trainer; with files, puts these to them.
    """
    prepare()
    if "--died" in words:
        added = [died.add(Path(word)) for word in words if word != "--died"]
        print(
            json.dumps(
                {path.name: died.share(died.read(path)) for path in added or died.FOLDER.glob("*.json")}
            )
        )
        return
    if "--sample" in words:
        print(json.dumps(_sample()))
        return
    found = measured()
    rate = 3 * UNIT.layer.operations(UNIT.shapes) / seconds(UNIT)
    weights = {name: of_a_weight(optimizer) * rate for name, optimizer in OPTIMIZERS.items()}
    MADE.write_text(page(found, weights, of_a_node() * rate), "utf-8")
    print(f"{len(found)} layers measured; one thread does {rate:.2g} multiplications of the unit in a second")


if __name__ == "__main__":
    main(sys.argv[1:])
