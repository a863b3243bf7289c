from __future__ import annotations

from dataclasses import replace

import pytest

from workers.guest import entry
from workers.guest.job import Part
from workers.guest.refusal import NoModel


class Model:
    layers = ()

    def get_config(self) -> dict[str, object]:
        return {}

    def __call__(self) -> None:
        """A Keras model can be called, and yet is no function."""


def part(arguments: tuple[object, ...] = ()) -> Part:
    return Part("model", "build_model", arguments, ("make",), ("model", "net"), (32, 32, 3))


def entry_of(namespace: dict[str, object], asked: Part) -> entry.Entry:
    return next(entry.entries(namespace, asked), None) or entry.anything(namespace, asked)


def names(source: str, **more: object) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "submission", "Model": Model, **more}
    exec(source, namespace)
    return namespace


def refusal(source: str, arguments: tuple[object, ...] = ()) -> NoModel:
    namespace = names(source)
    with pytest.raises(NoModel) as caught:
        entry.call(entry_of(namespace, part(arguments)), part(arguments))
    return caught.value


def test_a_function_wins_over_a_variable() -> None:
    found = entry_of(names("model = Model()\ndef make(): return 1"), part())
    assert (found.name, found.is_function) == ("make", True)


def test_names_count_in_the_order_of_the_part() -> None:
    assert entry_of(names("def make(): pass\ndef build_model(): pass"), part()).name == "build_model"
    assert entry_of(names("net = Model()\nmodel = Model()"), part()).name == "model"


def test_a_model_under_the_functions_name_is_taken() -> None:
    assert entry_of(names("build_model = Model()"), part()).is_function is False


def test_a_variable_of_any_kind_is_better_than_nothing() -> None:
    assert entry_of(names("model = 5"), part()).value == 5


def test_the_nearest_function_is_named() -> None:
    error = refusal("def buildmodel(): pass\ndef other(): pass")
    assert (error.reason, error.code) == ("bad_result", "no_such_function")
    assert error.params == {
        "wanted": "build_model",
        "found": "buildmodel(), other()",
        "nearest": "buildmodel",
    }


def test_imported_functions_are_not_the_students_own() -> None:
    assert refusal("from os.path import join").params["found"] == ""


def test_a_homoglyph_is_another_name() -> None:
    assert refusal("def вuild_model(): pass").params["nearest"] == "вuild_model"


def test_a_class_is_not_called() -> None:
    assert refusal("class build_model: pass").params == {"wanted": "build_model", "kind": "class"}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("async def build_model(): pass", "async_function"),
        ("def build_model(): yield 1", "generator_function"),
        ("def build_model(): pass", "returned_nothing"),
        ("def build_model(size): pass", "needs_arguments"),
    ],
)
def test_functions_that_cannot_give_a_model(source: str, code: str) -> None:
    error = refusal(source)
    assert (error.code, error.params["function"], error.line) == (code, "build_model", 1)


def test_arguments_are_handed_over_as_tuples() -> None:
    source = "def build_model(shape, more=1): return shape"
    taken = part(((64, 64, 3),))
    assert entry.call(entry_of(names(source), taken), taken) == (64, 64, 3)


def test_a_function_that_takes_something_else() -> None:
    error = refusal("def build_model(height, width): return 1", ((64, 64, 3),))
    assert error.code == "lacks_arguments"
    assert (error.params["given"], error.params["lacks"]) == ("(64, 64, 3)", "width")
    assert refusal("def build_model(*, height): return 1", ((64, 64, 3),)).code == "wrong_arguments"


def test_defaults_need_no_arguments() -> None:
    assert entry.call(entry_of(names("def build_model(a=1, *b, **c): return a"), part()), part()) == 1


SHAPE = ((64, 64, 3),)


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("def build_model(input_shape): return input_shape", (64, 64, 3)),
        ("def build_model(*, input_shape): return input_shape", (64, 64, 3)),
        ("def build_model(size, /): return size", (64, 64, 3)),
        ("def build_model(size=(32, 32, 3)): return size", (64, 64, 3)),
        ("def build_model(): return 'its own'", "its own"),
        ("def build_model(rate=0.1, units=3): return rate", 0.1),
        ("def build_model(input_shape=None, units=3): return input_shape", (64, 64, 3)),
        ("def build_model(*shapes): return shapes[0]", (64, 64, 3)),
        ("def build_model(**options): return options or 1", 1),
    ],
)
def test_a_function_is_called_as_asked_or_else_with_nothing(source: str, given: object) -> None:
    asked = replace(part(SHAPE), argument_names=("input_shape",))
    assert entry.call(entry_of(names(source), asked), asked) == given


def test_a_function_that_is_given_numbers_is_called_with_them_alone() -> None:
    asked = replace(part((1, 2)), probe={})
    with pytest.raises(NoModel):
        entry.call(entry_of(names("def build_model(): return 1"), asked), asked)


def test_what_a_function_cannot_do_without_is_told_alone() -> None:
    error = refusal("def build_model(input_shape, *, depth, classes=5, **more): return 1")
    assert (error.code, error.params["parameters"]) == ("needs_arguments", "input_shape, depth")


def test_models_and_classes_are_among_the_names_that_are_found() -> None:
    error = refusal("class Net: pass\nmodl = Model()\ndef f(): pass\n_ = 5")
    assert error.params["found"] == "class Net, modl, f()"
