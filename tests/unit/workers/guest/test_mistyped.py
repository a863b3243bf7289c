"""A package that is missing is told as missing; only a slip of the fingers gets "Did you mean …?"."""

from __future__ import annotations

import pytest

from workers.guest.explain import explain
from workers.guest.mistyped import distance, meant

SLIPS = {
    "kears": "keras", "kerass": "keras", "keas": "keras", "Keras": "keras", "tensorfow": "tensorflow",
    "tensroflow": "tensorflow", "Tensorflow": "tensorflow", "numpyy": "numpy", "nmupy": "numpy", "panda": "pandas",
    "mathplotlib": "matplotlib", "matplotib": "matplotlib", "skleran": "sklearn", "scipi": "scipy", "pil": "PIL",
    "hp5y": "h5py",
}  # fmt: skip
MISSING = (
    "keras_tuner", "kerastuner", "scikeras", "autokeras", "keras_cv", "keras_hub", "keras_nlp", "tensorflow_datasets",
    "tensorflow_addons", "tensorflow_hub", "tensorflow_probability", "tensorflowjs", "torch", "jax", "xgboost", "tflearn",
    "skimage", "sklearn_extra", "pandas_profiling", "numpy_financial", "plotly", "nltk", "util", "utils", "model", "my_net",
    "lr_utils", "cv", "py", "dask", "theano", "kaggle", "keras.src.saving.legacy", "tensorflow.python.nothing",
)  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_gets_the_name_that_was_meant(name: str) -> None:
    told = explain(ModuleNotFoundError(f"No module named {name!r}", name=name), None)
    assert told.code == "missing_module"
    assert told.params["nearest"] == SLIPS[name]


@pytest.mark.parametrize("name", MISSING)
def test_a_package_that_is_missing_is_told_as_missing(name: str) -> None:
    told = explain(ModuleNotFoundError(f"No module named {name!r}", name=name), None)
    assert told.code == "missing_module"
    assert told.params["nearest"] is None


def test_a_module_inside_a_package_may_be_mistyped_too() -> None:
    assert meant("keras.layer", ["keras.layers", "keras.losses"]) == "keras.layers"
    assert meant("keras.optimisers", ["keras.optimizers", "keras.ops"]) == "keras.optimizers"
    assert meant("keras.layers.convolution", ["keras.layers", "keras.ops"]) is None


def test_distances() -> None:
    assert [distance("abc", other) for other in ("abc", "acb", "ab", "abcd", "xbc", "", "cab")] == [
        0,
        1,
        1,
        1,
        1,
        3,
        2,
    ]
