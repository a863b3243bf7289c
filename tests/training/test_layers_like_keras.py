"""Our shapes and parameter counts are Keras's, for random options of every layer; the trainer can build and train each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grader.domain.canonical import canonical
from grader.domain.description import read_model
from grader.domain.errors import StudentError
from grader.domain.layers import ADVICE, LAYERS, BadOption
from tests.fuzz.layers import input_shapes, models, options

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:The model does not have any trainable weights"),
]

QUIETLY = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
}

STRICTER = ("same_strides", "strides_and_dilation", "axis_range", "axis_twice")
"""Where we refuse what Keras builds: TensorFlow cannot train it, or axis 0, the batch, is meant."""


def described(kind, chosen, shapes):
    """One layer on inputs of these shapes, as a guest describes it."""
    starts = [
        {"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": list(shape)}}
        for shape in shapes
    ]
    nodes = [{"layer": place, "inputs": []} for place in range(len(starts))]
    places = list(range(len(starts)))
    return {
        "layers": [*starts, {"kind": kind, "name": "it", "trainable": True, "options": chosen}],
        "nodes": [*nodes, {"layer": len(starts), "inputs": places}],
        "inputs": places,
        "outputs": [len(starts)],
        "built_for_you": False,
        "name": "m",
    }


def keras_object(value):
    import keras

    if not isinstance(value, dict):
        return value
    family = next(
        family
        for family in (keras.initializers, keras.regularizers, keras.constraints)
        if hasattr(family, value["class"])
    )
    return getattr(family, value["class"])(**value["options"])


def keras_own(kind, chosen, shapes):
    """The model as Keras makes it from the same options; None when Keras refuses."""
    import keras

    starts = [keras.Input(shape) for shape in shapes]
    plain = {
        name: None if kind == "PReLU" and name == "shared_axes" and value == [] else keras_object(value)
        for name, value in chosen.items()
    }
    try:
        output = getattr(keras.layers, kind)(**plain)(starts if len(starts) > 1 else starts[0])
        return keras.Model(starts, output)
    except (ValueError, IndexError, TypeError):
        return None


def our_own(description):
    """Our model and None, or None and our words."""
    try:
        return read_model(description), None
    except StudentError as error:
        return None, f"{error.messages[0].code} {error.messages[0].params}"


@pytest.mark.parametrize("kind", sorted(set(LAYERS) - {"InputLayer"}))
def test_shape_and_count_are_keras_own(kind):
    agreed = []
    fewest, most = LAYERS[kind].inputs

    @settings(max_examples=15, **QUIETLY)
    @given(options(kind), input_shapes(kind), st.integers(fewest, min(most, 3)))
    def compare(chosen, shape, count):
        shapes = [shape] * count
        theirs = keras_own(kind, chosen, shapes)
        ours, refusal = our_own(described(kind, chosen, shapes))
        if theirs is None:
            assert ours is None, f"Keras refuses {kind}({chosen}) on {shape}"
        elif ours is None:
            assert (
                "_initializer" in refusal
                or "_constraint" in refusal
                or any(words in refusal for words in STRICTER)
            )
        else:
            same_as_keras(ours, theirs)
            agreed.append(chosen)

    compare()
    assert len(agreed) >= 3


def same_as_keras(ours, theirs):
    from workers.guest.describe import describe
    from workers.training.build import build

    assert ours.output_shapes == (tuple(theirs.output.shape[1:]),)
    assert ours.params == theirs.count_params()
    assert ours.trainable_params == sum(_size(v.shape) for v in theirs.trainable_variables)
    again = read_model(describe(theirs, ()))
    assert (again.output_shapes, again.weights) == (ours.output_shapes, ours.weights)
    rebuilt = build(canonical(ours), seed=0)
    assert tuple(rebuilt.output.shape[1:]) == ours.output_shapes[0]
    assert rebuilt.count_params() == ours.params
    train_once(rebuilt)


def train_once(model):
    """One step as the trainer does it, but eagerly: what cannot be computed or held raises here."""
    import keras
    import numpy as np

    source = np.random.default_rng(0)
    batches = [source.random((2, *start.shape[1:]), np.float32) for start in model.inputs]
    given = batches if len(batches) > 1 else batches[0]
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mean_squared_error", run_eagerly=True)
    model.train_on_batch(given, np.zeros((2, *model.output.shape[1:]), np.float32))


@settings(max_examples=60, **QUIETLY)
@given(models())
def test_what_is_accepted_can_be_built_and_trained_as_we_counted(description):
    from workers.training.build import build

    ours, _ = our_own(description)
    if ours is None:
        return
    rebuilt = build(canonical(ours), seed=0)
    assert tuple(rebuilt.output.shape[1:]) == ours.output_shapes[0]
    assert rebuilt.count_params() == ours.params
    train_once(rebuilt)


def test_every_layer_of_keras_is_graded_or_refused_by_its_name():
    import keras

    kinds = {name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type)}
    abstract = {"Layer", "InputSpec"}
    own_names = {getattr(keras.layers, name).__name__ for name in kinds}
    assert own_names - abstract - set(LAYERS) - set(ADVICE) == set()
    assert not set(LAYERS) & set(ADVICE)


def test_an_option_that_cannot_work_on_its_tensor_is_named():
    chosen = {"units": 3, "bias_constraint": {"class": "MaxNorm", "options": {"axis": 2}}}
    _, refusal = our_own(described("Dense", chosen, [(4,)]))
    assert "bias_constraint" in refusal
    with pytest.raises(BadOption):
        LAYERS["Dense"].read({"units": 3, "bias_initializer": {"class": "Constant", "options": [1]}})


def _size(shape):
    count = 1
    for axis in shape:
        count *= axis
    return count


def test_the_documents_happy_model_counts_as_the_document_prints():
    import keras
    from keras import layers as L

    from workers.guest.describe import describe

    start = keras.Input((64, 64, 3))
    x = L.ZeroPadding2D((3, 3))(start)
    x = L.Conv2D(32, (7, 7), strides=(1, 1), name="conv0")(x)
    x = L.Activation("relu")(L.BatchNormalization(axis=3, name="bn0")(x))
    x = L.Flatten()(L.MaxPooling2D((2, 2), name="max_pool")(x))
    model = read_model(
        describe(keras.Model(start, L.Dense(1, activation="sigmoid", name="fc")(x)), (64, 64, 3))
    )
    assert (model.params, model.trainable_params) == (37_633, 37_569)


def my_own(x):
    return x


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda k: k.Sequential(), "not_connected"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Lambda(lambda x: x)]), "refused_layer"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2, activation=my_own)]), "custom_function"),
        (lambda k: k.Sequential([k.Input((4, 3)), k.layers.LSTM(2)]), "refused_layer"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2, dtype="float16")]), "refused_dtype"),
        (
            lambda k: k.Sequential([k.Input((None, None, 3)), k.layers.GlobalMaxPooling2D()]),
            "open_input_shape",
        ),
        (
            lambda k: k.Sequential(
                [k.Input((4,)), k.layers.Dense(2, kernel_initializer=k.initializers.Constant([[1.0]]))]
            ),
            "refused_option",
        ),
    ],
)
def test_what_is_refused_says_which_and_why(make, code):
    import keras

    from workers.guest.describe import Refused, describe

    with pytest.raises((Refused, StudentError)) as caught:
        read_model(describe(make(keras), (4,)))
    found = caught.value.code if isinstance(caught.value, Refused) else caught.value.messages[0].code
    assert found == code
