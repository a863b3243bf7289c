from __future__ import annotations

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


def names(source: str, **more: object) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "submission", "Model": Model, **more}
    exec(source, namespace)
    return namespace


def refusal(source: str, arguments: tuple[object, ...] = ()) -> NoModel:
    namespace = names(source)
    with pytest.raises(NoModel) as caught:
        entry.call(entry.find(namespace, part(arguments)), part(arguments))
    return caught.value


def test_a_function_wins_over_a_variable() -> None:
    found = entry.find(names("model = Model()\ndef make(): return 1"), part())
    assert (found.name, found.is_function) == ("make", True)


def test_names_count_in_the_order_of_the_part() -> None:
    assert entry.find(names("def make(): pass\ndef build_model(): pass"), part()).name == "build_model"
    assert entry.find(names("net = Model()\nmodel = Model()"), part()).name == "model"


def test_a_model_under_the_functions_name_is_taken() -> None:
    assert entry.find(names("build_model = Model()"), part()).is_function is False


def test_a_variable_of_any_kind_is_better_than_nothing() -> None:
    assert entry.find(names("model = 5"), part()).value == 5


def test_the_nearest_function_is_named() -> None:
    error = refusal("def buildmodel(): pass\ndef other(): pass")
    assert (error.reason, error.code) == ("bad_result", "no_such_function")
    assert error.params == {"wanted": "build_model", "found": "buildmodel, other", "nearest": "buildmodel"}


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
    assert entry.call(entry.find(names(source), taken), taken) == (64, 64, 3)


def test_a_function_that_takes_something_else() -> None:
    error = refusal("def build_model(): return 1", ((64, 64, 3),))
    assert error.code == "wrong_arguments"
    assert error.params["given"] == "(64, 64, 3)"


def test_defaults_need_no_arguments() -> None:
    assert entry.call(entry.find(names("def build_model(a=1, *b, **c): return a"), part()), part()) == 1
