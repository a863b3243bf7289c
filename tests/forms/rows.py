"""The rows of the matrix: each assignment with a right and a wrong answer of its own, and what code around them needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.built_in import catalog

REFERENCES = Path(__file__).resolve().parents[2] / "reference_solutions"
CLASSES = "np.eye({n})[np.arange(64) % {n}]"
NUMBERS = "np.arange(64) % {n}"


@dataclass(frozen=True)
class Row:
    """An assignment; `right` and `wrong` name its reference solutions, both with functions (or classes) of the asked names.

    `labels` is Python for the labels of 64 samples and `loss` fits them. `net` is Python for a network of which the answer
    is a part, where the answer itself is none.
    """

    slug: str
    right: str
    wrong: str
    labels: str = CLASSES.format(n=10)
    loss: str = "categorical_crossentropy"
    net: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample."""
        part = catalog().assignments[self.slug].parts[0]
        return tuple(part.input_shape) or (8,)

    @property
    def functions(self) -> tuple[str, ...]:
        """The names that the statement asks for."""
        return tuple(part.entry_point.name for part in catalog().assignments[self.slug].parts)

    @property
    def arguments(self) -> tuple[object, ...]:
        """What the first function is called with."""
        return tuple(catalog().assignments[self.slug].parts[0].entry_point.arguments)

    @property
    def variables(self) -> tuple[str, ...]:
        """Under which a finished network does as well."""
        return tuple(catalog().assignments[self.slug].parts[0].entry_point.variables)

    @property
    def is_probed(self) -> bool:
        """Whether functions or classes are tried with numbers, and no network is handed in."""
        return catalog().assignments[self.slug].parts[0].probe is not None

    @cache  # noqa: B019 - rows are few and live as long as the process
    def text(self, right: bool) -> str:
        """The reference solution that is right, or the one that is wrong, without its docstring."""
        folder, name = ("accepted", self.right) if right else ("failed", self.wrong)
        text = (REFERENCES / self.slug / folder / f"{name}.py").read_text("utf-8")
        return text.partition('"""\n')[2].lstrip()


_TRAFFIC = {"labels": CLASSES.format(n=5)}
_SPARSE = {"labels": NUMBERS.format(n=10), "loss": "sparse_categorical_crossentropy"}
_LOSS_NET = "keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])"
_LAYER_NET = (
    "keras.Sequential([keras.Input((8,)), ActivityRegularizationLayer(), MetricLoggingLayer(),"
    " keras.layers.Dense(1)])"
)
_ONE_NUMBER = {"labels": "np.zeros((64, 1))", "loss": "mse"}

ROWS = (
    Row(
        "compile-settings", "document", "no_nesterov", labels="np.arange(64) % 2", loss="binary_crossentropy"
    ),
    Row("conv-shapes", "document", "no_relu"),
    Row("custom-layers", "document", "mean_not_sum", net=_LAYER_NET, **_ONE_NUMBER),
    Row("custom-loss", "document", "missing_square", net=_LOSS_NET, **_ONE_NUMBER),
    Row("fashion-mnist", "document", "softmax", **_SPARSE),
    Row("feature-extractor", "sequential", "no_relu", labels="np.zeros((64, 10))", loss="mse"),
    Row("happy-house", "document", "no_sigmoid", labels="np.arange(64) % 2", loss="binary_crossentropy"),
    Row("image-cnn", "function", "valid_padding"),
    Row("max-pooling", "same_padding", "average", labels="np.zeros((64, 50, 50, 15))", loss="mse"),
    Row("mnist-conv", "document", "rates_swapped"),
    Row("mnist-dense", "document", "no_dropout"),
    Row("mnist-elu", "document", "relu", **_SPARSE),
    Row("mnist-functional", "document", "names_swapped", **_SPARSE),
    Row("sequential-basics", "document", "no_activation", labels="np.zeros((64, 4))", loss="mse"),
    Row("traffic-conv", "relu_twice", "same_padding", **_TRAFFIC),
    Row("traffic-dense", "activation_layers", "no_relu", **_TRAFFIC),
    Row("traffic-dropout", "dropout_before_relu", "weak_dropout", **_TRAFFIC),
    Row("traffic-pool", "relu_after_pooling", "average_pooling", **_TRAFFIC),
    Row("traffic-test", "dropout_before_relu", "narrow", **_TRAFFIC),
    Row("xor", "functional", "relu_first", labels=CLASSES.format(n=2)),
)
