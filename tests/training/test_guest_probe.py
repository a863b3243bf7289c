"""Losses, layers and compile settings as real Keras runs them, read back by the host: guest and host side together."""

from __future__ import annotations

import json

import pytest

from grader.checks import CheckFailed, expect
from grader.domain import compiled
from grader.domain.compiled_description import read_compiled
from grader.domain.message import message
from grader.domain.probe import Mode, ProbeKind, ProbePlan
from workers.probing import draw, frame, read_run

pytestmark = pytest.mark.training

HEAD = "import tensorflow as tf\nimport keras\nimport numpy as np\n"
LOSS = ProbePlan(ProbeKind.LOSS_FUNCTION, ((3, 2), (2, 2, 2)))
CLASS = ProbePlan(ProbeKind.LOSS_CLASS, ((3, 2),), ({}, {"factor": 2.0}))
LAYER = ProbePlan(ProbeKind.LAYER_CLASS, ((3, 2),))


def claim(source, plan, name="thing", seed="s"):
    from workers.guest import probe
    from workers.guest.job import Part

    namespace = {"__name__": "submission"}
    exec(compile(HEAD + source, "<your code>", "exec"), namespace)
    part = Part("part", name, (), (), (), (), frame(plan, draw(plan, seed)))
    return json.loads(json.dumps(probe.run(namespace, part, part.probe), allow_nan=False))


def run(source, plan, **more):
    return read_run(plan, draw(plan, "s"), claim(source, plan, **more)["probe"])


def refused(source, plan):
    from workers.guest.refusal import NoModel

    with pytest.raises(NoModel) as caught:
        claim(source, plan)
    return caught.value


def mse(y_true, y_pred, factor=1.0):
    return factor * ((y_true - y_pred) ** 2).mean()


@pytest.mark.parametrize(
    "body",
    [
        "tf.reduce_mean(tf.square(y_true - y_pred))",
        "tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)",
        "keras.ops.mean((y_true - y_pred) ** 2)",
        "keras.losses.mean_squared_error(y_true, y_pred)",
        "keras.losses.MeanSquaredError()(y_true, y_pred)",
        "tf.cast(tf.reduce_mean(tf.square(tf.cast(y_true - y_pred, tf.float64))), tf.float64)",
    ],
)
def test_one_loss_in_many_spellings(body):
    found = run(f"def thing(y_true, y_pred):\n    return {body}", LOSS)
    expect.value_equal(found, mse)
    expect.same_in_graph(found)
    expect.gradient_equal(found, mse)


def test_numpy_gives_a_number_and_no_gradient():
    found = run("def thing(y_true, y_pred):\n    return np.mean((y_true - y_pred) ** 2)", LOSS)
    expect.value_equal(found, mse)
    assert found.of(Mode.EAGER)[0].gradient is None
    assert all(case.error for case in found.of(Mode.GRAPH))


def test_an_if_on_a_tensor_fails_as_it_does_in_fit():
    source = (
        "def thing(y_true, y_pred):\n    loss = tf.reduce_mean((y_true - y_pred) ** 2)\n"
        "    if loss > 1000:\n        return loss * 2\n    return loss"
    )
    found = run(source, LOSS)
    expect.value_equal(found, mse)
    assert found.of(Mode.GRAPH)[0].error.line == HEAD.count("\n") + 3
    import keras

    namespace = {}
    exec(HEAD + source, namespace)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", namespace["thing"])
    with pytest.raises(Exception, match=r"bool.* is not allowed"):
        model.fit(keras.ops.ones((4, 2)), keras.ops.ones((4, 2)), verbose=0)


def test_a_loss_that_is_not_finite_reaches_no_number():
    found = run("def thing(y_true, y_pred):\n    return tf.reduce_mean(tf.sqrt(y_pred - 100.0))", LOSS)
    with pytest.raises(CheckFailed) as caught:
        expect.value_equal(found, mse)
    assert caught.value.actual == message("not_finite")


def test_a_class_with_its_factor():
    source = (
        "class thing(keras.losses.Loss):\n    def __init__(self, factor=1.0):\n        super().__init__()\n"
        "        self.factor = factor\n    def call(self, y_true, y_pred):\n"
        "        return self.factor * tf.reduce_mean((y_true - y_pred) ** 2, axis=-1)"
    )
    found = run(source, CLASS)
    expect.value_equal(found.with_options, mse)
    expect.gradient_equal(found, mse)
    assert found.cases[0].returned == (3,)


@pytest.mark.parametrize(
    ("source", "plan", "code"),
    [
        ("def think(y_true, y_pred): return 0", LOSS, "no_such_function"),
        ("class thing: pass", LOSS, "not_a_function"),
        ("def thing(y_true): return 0", LOSS, "wrong_arguments"),
        ("def thing(y_true, y_pred): pass", LOSS, "returned_nothing"),
        ("def thing(y_true, y_pred): return 'much'", LOSS, "returned_no_number"),
        ("def thing(y_true, y_pred): return {}", LOSS, "returned_no_number"),
        ("def thing(y_true, y_pred): yield y_true", LOSS, "generator_function"),
        ("def thing(y_true, y_pred): return y_true.nonsense", LOSS, "exception_in_code"),
        ("def thing(y_true, y_pred): exit()", LOSS, "ended_early"),
        ("thing = 3", CLASS, "not_a_class"),
        ("class thin(keras.losses.Loss): pass", CLASS, "no_such_class"),
        ("class thing: pass", CLASS, "wrong_base"),
        ("class thing(keras.layers.Layer): pass", CLASS, "wrong_base"),
        ("class thing(keras.losses.Loss): pass", CLASS, "exception_in_code"),
        ("class thing(keras.losses.Loss):\n    def __init__(self, factor=1): pass", CLASS, "no_super_init"),
        ("class thing(keras.losses.Loss):\n    def call(y_true, y_pred): return y_true", CLASS, "no_self"),
        (
            "class thing(keras.layers.Layer):\n    def call(self, inputs): self.x = 1",
            LAYER,
            "call_returned_nothing",
        ),
        (
            "class thing(keras.layers.Layer):\n    def call(self, inputs): return tf.zeros(5000)",
            LAYER,
            "returned_too_much",
        ),
    ],
)
def test_what_cannot_be_run_says_why(source, plan, code):
    found = refused(source, plan)
    assert found.code == code


def test_an_error_names_its_case_and_the_students_line():
    found = refused("def thing(y_true, y_pred):\n    return y_pred[:, 0, 0]", LOSS)
    assert found.params["case"] == "thing: (3, 2), (3, 2)"
    assert found.line == HEAD.count("\n") + 2


def test_a_layer_with_a_loss_a_metric_and_a_weight():
    source = (
        "class thing(keras.layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.mean = keras.metrics.Mean(name='mean')\n    def build(self, shape):\n"
        "        self.scale = self.add_weight(shape=(), initializer='ones')\n    def call(self, inputs):\n"
        "        self.add_loss(tf.reduce_sum(inputs ** 2))\n        self.mean.update_state(inputs)\n"
        "        return inputs * self.scale"
    )
    found = run(source, LAYER)
    expect.value_equal(found, lambda _, inputs: inputs)
    expect.losses_equal(found, lambda _, inputs: (inputs**2).sum())
    expect.metric_equal(found, "mean", lambda first, second: (first.mean() + second.mean()) / 2)
    expect.gradient_equal(found, lambda _, inputs: inputs.sum() + (inputs**2).sum())
    expect.same_in_graph(found)


def described(**settings):
    import keras

    from workers.guest.compiled import describe_compiled

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    if settings:
        model.compile(**settings)
    return read_compiled(json.loads(json.dumps(describe_compiled(model))))


def test_a_model_that_is_not_compiled():
    assert described() is None


@pytest.mark.parametrize("name", compiled.OPTIMIZERS)
def test_keras_own_options_of_an_optimizer_are_ours(name):
    import keras

    cls = type(keras.optimizers.get(name))
    config = cls().get_config()
    known = {**compiled.EVERY_OPTIMIZER, **compiled.OPTIMIZERS[name]}
    for option in known.keys() - {"decay"}:
        same = pytest.approx(known[option], rel=1e-6) if isinstance(known[option], float) else known[option]
        assert config[option] == same, option
    if name != "ftrl":
        assert not config.keys() - known.keys() - {"name", "ema_momentum", "ema_overwrite_frequency"}
    assert described(optimizer=cls(), loss="mse").optimizer == compiled.Setting(name)


@pytest.mark.parametrize("name", [name for name in compiled.LOSSES if name != "crossentropy"])
def test_word_function_and_object_are_one_loss(name):
    import keras

    function = getattr(keras.losses, name)
    classes = [value for value in vars(keras.losses).values() if isinstance(value, type)]
    cls = next(value for value in classes if compiled.loss(value.__name__).name == name)
    forms = [described(loss=form).loss for form in (name, function, cls(), [cls()])]
    assert forms == [compiled.Setting(name)] * 4


def test_metrics_in_every_spelling():
    import keras

    def mine(y_true, y_pred):
        return keras.ops.mean(y_pred)

    class Own(keras.metrics.Mean):
        pass

    found = described(
        loss="categorical_crossentropy",
        metrics=[
            "acc",
            keras.metrics.CategoricalAccuracy(),
            keras.metrics.AUC(),
            mine,
            Own(),
            keras.metrics.Accuracy(),
        ],
        weighted_metrics=["mae"],
    ).metrics
    assert [one.name for one in found] == [
        "accuracy",
        "categorical_accuracy",
        "auc",
        "mine",
        "Own",
        compiled.EQUAL_NUMBERS,
        "mean_absolute_error",
    ]
    assert [one.own for one in found] == [False, False, False, True, True, False, False]
    assert found[3].options == {"gives": "a tensor"}


def test_a_falling_rate_is_a_decay():
    import keras

    rate = keras.optimizers.schedules.InverseTimeDecay(0.01, 100, 1e-4)
    found = described(optimizer=keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)).optimizer
    assert found == compiled.optimizer("sgd", decay=1e-6, momentum=0.9, nesterov=True)
