"""What stops at the end takes nothing from before, and a network without the layer whose `add` stopped is nobody's answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workers.guest import answers, pieces, running
from workers.guest.entry import Entry
from workers.guest.job import Part
from workers.guest.refusal import NoModel


class Layer:
    """Stands in for Keras's, which takes seconds to load; the real ones are in tests/students and tests/forms."""

    def __init__(self, units: int = 1) -> None:
        if type(units) is not int:
            raise ValueError(units)
        self.units = units

    def __call__(self, before: object) -> Layer:
        return Layer(self.units)


class Sequential:
    layers: Any = ()

    def __init__(self, layers: Any = ()) -> None:
        self.layers = list(layers)

    def add(self, layer: Layer) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(layer)
        self.layers.append(layer)

    def fit(self, data: object) -> str:
        return "history"

    def compile(self, optimizer: object) -> None: ...

    def get_config(self) -> dict[str, object]:
        return {}


class Model(Sequential):
    def __init__(self, first: object, last: object) -> None:
        super().__init__([first, last])


for kind in (Layer, Sequential, Model):
    kind.__module__ = "keras.src.stand_in"

PART = Part("model", "build_model", (), (), ("model",), (4,))
BEGIN = "model = Sequential([Layer(), Layer()])\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the working directory is a student's own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(run: running.Run, found: Entry, part: Part) -> dict[str, Any]:
        value: Any = answers.value_of(run, found, part)
        return {"entry_point": found.name, "model": len(value.layers)}

    monkeypatch.setattr(answers, "_described", count)


def book(*cells: str) -> str:
    return "".join(f"# %% cell {number} of the notebook\n{text}\n\n" for number, text in enumerate(cells, 1))


def run(source: str, **options: Any) -> running.Run:
    namespace: dict[str, object] = {"__name__": "submission"}
    namespace |= {"Layer": Layer, "Sequential": Sequential, "Model": Model}
    done = running.Run(pieces.read(source, []), namespace, (*PART.functions, *PART.variables), **options)
    done.everything()
    if not answers.is_there(done, PART):
        done.main_guards()
    return done


def graded(source: str, **options: Any) -> dict[str, Any]:
    return answers.answer(run(source, **options), PART)


def refused(source: str, **options: Any) -> NoModel:
    with pytest.raises(NoModel) as caught:
        graded(source, **options)
    return caught.value


NEVER = {
    "directly": "model.add(Layer(unknown))",
    "by a name with a slip in it": "modle.add(Layer())",
    "by a name with a slip in it, in a helper": "def more():\n    modle.add(Layer())\nmore()",
    "by a name with a slip in it, in a loop": "for units in (1, 2):\n    modle.add(Layer(units))",
    "by another name": "m = model\nm.add(Layer(unknown))",
    "in a loop": "for units in (1, 2, 'three'):\n    model.add(Layer(units))",
    "in a loop over models": "for m in [model]:\n    m.add(Layer('three'))",
    "in a comprehension": "[model.add(Layer(units)) for units in (1, 'two')]",
    "by a helper": "def more(m):\n    m.add(Layer(unknown))\nmore(model)",
    "by a helper with a keyword": "def more(units, m):\n    m.add(Layer(units))\nmore('x', m=model)",
    "by a helper of a helper": "def a(m):\n    b(m)\ndef b(n):\n    n.add(Layer(''))\na(model)",
    "by a helper that takes no argument": "def more():\n    model.add(Layer(unknown))\nmore()",
    "by a helper's other name": "def more(m):\n    n = m\n    n.add(Layer(unknown))\nmore(model)",
    "by a lambda": "more = lambda m: m.add(Layer(unknown))\nmore(model)",
    "by map": "list(map(model.add, [Layer(), 5]))",
    "by a bound method": "add = model.add\nadd(Layer(unknown))",
    "by reduce": "from functools import reduce\nreduce(lambda m, u: m.add(Layer(u)) or m, (1, ''), model)",
    "by partial": "from functools import partial\ndef f(m, u):\n    m.add(Layer(u))\npartial(f, model)('')",
    "in its list of layers": "model.layers[1] = Layer(unknown)",
    "in a layer": "model.layers[0].units = unknown",
    "in a layer by name": "first = model.layers[0]\nfirst.units = unknown",
    "under with": "import contextlib\nwith contextlib.suppress(KeyError):\n    model.add(Layer(unknown))",
    "under if": "if True:\n    model.add(Layer(unknown))",
    "with a stale number": "units = 3\nunits = units / 0\nmodel.add(Layer(units))",
    "made anew": "model = Sequential([Layer(unknown)])",
    "by setting it to what add returns": "model = model.add(Layer())\nmodel.add(Layer(unknown))",
    "a missing file within": "model.add(Layer(len(open('nowhere').read())))",
    "while": "while True:\n    model.add(Layer())\n    model.add(Layer(unknown))",
    "a nested function": "def f(m):\n    def g():\n        m.add(Layer(unknown))\n    g()\nf(model)",
    "a star": "def f(m, n):\n    m.add(Layer(n))\nboth = (model, '')\nf(*both)",
    "getattr": "getattr(model, 'add')(Layer(unknown))",
    "its class's method": "Sequential.add(model, Layer(unknown))",
    "inside another object": "from types import SimpleNamespace\nbox = SimpleNamespace(net=model)\nbox.net.add(Layer(unknown))",
    "inside a dictionary": "box = {'net': model}\nbox['net'].add(Layer(unknown))",
    "inside a list": "nets = [model]\nnets[0].add(Layer(unknown))",
    "a function that makes functions": "def adder(m):\n    return lambda u: m.add(Layer(u))\nadder(model)('')",
    "a function that was made": "def adder(m):\n    return lambda u: m.add(Layer(u))\nmore = adder(model)\nmore('')",
    "an attribute of a function": "def f(): ...\nf.net = model\nf.net.add(Layer(unknown))",
    "a decorator": (
        "def once(f):\n    def g(*a):\n        return f(*a)\n    return g\n@once\ndef more(m):\n    m.add(Layer(unknown))\nmore(model)"
    ),
    "eval": "exec('model.add(Layer(unknown))')",
    "a generator": "def g(m):\n    yield m.add(Layer(unknown))\nlist(g(model))",
    "a dictionary of functions": "do = {'more': lambda m: m.add(Layer(unknown))}\ndo['more'](model)",
    "a walrus": "(net := model).add(Layer(unknown))",
    "one of two": "(None or model).add(Layer(unknown))",
    "a default": "def more(net=model):\n    net.add(Layer(unknown))\nmore()",
    "a method caller": "from operator import methodcaller\nmethodcaller('add', 'dropout')(model)",
    "globals": "globals()['model'].add(Layer(unknown))",
    "setattr": "setattr(model, 'layers', [Layer(unknown)])",
    "a class of one's own": (
        "class Net:\n    def __init__(self, m):\n        self.m = m\n    def more(self):\n        self.m.add(Layer(unknown))\n"
        "net = Net(model)\nnet.more()"
    ),
    "a class that is called": "class F:\n    def __call__(self, m):\n        m.add(Layer(unknown))\nf = F()\nf(model)",
    "a class that takes it": "class F:\n    def __init__(self, m):\n        m.add(Layer(unknown))\nf = F(model)",
    "an object that has no name": (
        "class F:\n    def __init__(self, m):\n        self.m = m\n    def more(self):\n        self.m.add(Layer(unknown))\nF(model).more()"
    ),
    "what a function gives back": "def same(m):\n    return m\nsame(model).add(Layer(unknown))",
    "a static method": "class F:\n    @staticmethod\n    def f(m):\n        m.add(Layer(unknown))\nF.f(model)",
    "a method of a method": (
        "class F:\n    def a(self, m):\n        self.b(m)\n    def b(self, m):\n        m.add(Layer(unknown))\nF().a(model)"
    ),
}


@pytest.mark.parametrize("behind", NEVER.values(), ids=NEVER.keys())
def test_a_network_without_the_layer_whose_add_stopped_is_not_graded(behind: str) -> None:
    assert refused(BEGIN + behind).code in ("exception_in_code", "file_not_found")


@pytest.mark.parametrize("behind", NEVER.values(), ids=NEVER.keys())
def test_nor_is_it_by_a_function_that_returns_it(behind: str) -> None:
    refused(f"{BEGIN}{behind}\ndef build_model():\n    return model\n")


@pytest.mark.parametrize("behind", NEVER.values(), ids=NEVER.keys())
def test_nor_by_a_later_name(behind: str) -> None:
    source = BEGIN.replace("model =", "net =") + behind.replace("model", "net") + "\nmodel = net\n"
    refused(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = Layer()\nx = Layer(unknown)(x)\nmodel = Model(x, x)",
        "x = Layer()\nx = Layer(unknown)(x)\ny = Layer()(x)\nmodel = Model(y, y)",
        "rows = [Layer()]\nrows.append(Layer(unknown))\nmodel = Sequential(rows)",
        "rows = [Layer()]\nrows += [Layer(unknown)]\nmodel = Sequential(rows)",
        "rows = [Layer()]\nrows[0] = Layer(unknown)\nmodel = Sequential(rows)",
        "rows = {'a': Layer()}\nrows.update(a=Layer(unknown))\nmodel = Sequential(rows.values())",
        "layer = Layer()\nlayer.units = unknown\nmodel = Sequential([layer])",
        "units = 3\nunits = units / 0\ndef build_model():\n    return Sequential([Layer(units)])",
        "def two(x):\n    return Layer(unknown)(x)\nx = Layer()\nx = two(x)\nmodel = Model(x, x)",
        "units = int('3')\nunits = int('x')\nclass N:\n    def make(self):\n        return Layer(units)\ndef build_model():\n    return N().make()",
    ],
)
def test_what_is_made_of_something_unfinished_is_not_graded(source: str) -> None:
    assert refused(source).line is not None


LAUNDERED = {
    "its layers": "model = Sequential(list(model.layers))",
    "its parts": "model = Model(model.layers[0], model.layers[1])",
    "a copy": "import copy\nmodel = copy.deepcopy(model)",
    "a file": "model.save('m')\nmodel = load_model('m')",
    "a file, after it was taken away": "model.save('m')\ndel model\nmodel = load_model('m')",
    "a file by its module": "model.save('m')\nmodel = models.load_model('m')",
    "by way of a name": "data = model.layers\nmodel = Sequential(data)",
    "a function": "def again(m):\n    return Sequential(m.layers)\nmodel = again(model)",
    "a function of no argument": "def again():\n    return Sequential(model.layers)\nmodel = again()",
    "a list": "nets = [model]\nmodel = Sequential(nets[0].layers)",
    "a comprehension": "model = Sequential([each for each in model.layers])",
    "a method": "class F:\n    def f(self):\n        return Sequential(model.layers)\nmodel = F().f()",
}


@pytest.mark.parametrize("again", LAUNDERED.values(), ids=LAUNDERED.keys())
def test_what_is_made_of_an_unfinished_network_is_none_either(again: str) -> None:
    begin = (
        BEGIN + "def load_model(path):\n    return Sequential([Layer()])\nfrom types import SimpleNamespace\n"
    )
    begin += "models = SimpleNamespace(load_model=load_model)\nSequential.save = lambda *_: None\n"
    assert refused(f"{begin}model.add(Layer(unknown))\n{again}").params["error"] == "NameError"


RIGHT = {
    "a file": "open('nowhere.csv')",
    "a file into a name": "data = open('nowhere.csv')\nprint(data)",
    "a file into the model's name": "model = open('model.h5')",
    "a print": "print('%d' % 'x')",
    "training": "model.fit(nothing)",
    "training by a function": "def train(m):\n    data = open('nowhere')\n    m.fit(data)\ntrain(model)",
    "training by a method": (
        "class T:\n    def __init__(self, m):\n        self.m = m\n    def go(self):\n        self.h = self.m.fit(open('nowhere'))\n"
        "t = T(model)\nt.go()"
    ),
    "compiling": "model.compile(nothing.SGD())",
    "an optimizer": "model.optimizer = nothing",
    "a plot": "import matplotlib.nothing as plt\nplt.plot(model)",
    "an end": "raise SystemExit",
    "an end before more": "import sys\nsys.exit(0)\nmodel = None",
    "taken away": "del model",
    "set to nothing": "model = None",
    "set to a history": "model = model.fit(1)",
    "called": "model(nothing)",
    "called for a name": "x = model(nothing)\ny = model.predict(x)",
    "loaded by what was not imported": "model = load_model('best.h5')",
    "looked at by name": "print(getattr(model, 'nothing'))",
    "loaded": "model = open('best.keras')\nmodel.load_weights('x')",
    "another model": "other = Sequential()\nother.add(Layer(unknown))",
    "another list": "rows = []\nrows.append(unknown)",
    "a star import": "from nowhere_at_all import *",
    "an assertion": "assert 1 > 2, 'version'",
    "an interrupt": "raise KeyboardInterrupt",
    "a helper that only looks": "def look(m):\n    print(len(m.layers), unknown)\nlook(model)",
    "a class that stops": "class Other(unknown):\n    pass",
}


@pytest.mark.parametrize("behind", RIGHT.values(), ids=RIGHT.keys())
def test_what_comes_later_takes_nothing_from_a_right_model(behind: str) -> None:
    assert graded(BEGIN + behind)["model"] == 2


@pytest.mark.parametrize(
    "before",
    [one for name, one in RIGHT.items() if "end" not in name],
    ids=[n for n in RIGHT if "end" not in n],
)
def test_nor_does_what_comes_before(before: str) -> None:
    assert graded(f"{BEGIN}{before}\nmodel = Sequential([Layer()])\n")["model"] == 1


def test_a_statement_that_stops_in_a_cell_ends_only_itself() -> None:
    assert graded(book("from nowhere import *\n" + BEGIN, "1 / 0\nmodel.add(Layer())"))["model"] == 3


def test_a_cell_that_cannot_be_read_leaves_its_model_unfinished() -> None:
    assert refused(book(BEGIN, "model.add(Layer(1)", "model.add(Layer())")).code == "syntax_error"
    assert graded(book(BEGIN, "print 'hello'", "model.add(Layer())"))["model"] == 3


def test_a_name_that_is_bound_anew_is_clean() -> None:
    assert graded(BEGIN + "model.add(Layer(unknown))\nmodel = Sequential([Layer()])")["model"] == 1


def test_the_first_cause_is_told_and_not_what_follows_from_it() -> None:
    error = refused("import no_such_library as lib\nnet = lib.net()\nmodel = net.all()\n")
    assert (error.code, error.line) == ("missing_module", 1)


def test_a_star_import_is_the_cause_of_a_name_that_is_missing() -> None:
    assert refused("from nowhere_at_all import *\nmodel = make()\n").code == "missing_module"


def test_a_misspelt_import_is_the_cause_of_what_it_was_to_bring() -> None:
    error = refused("import kerass\ndef build_model():\n    return keras.Sequential()\n")
    assert (error.code, error.params["module"]) == ("missing_module", "kerass")


def test_what_could_not_have_made_the_name_is_not_the_cause() -> None:
    error = refused(book("a = 1", "print('%d' % 'x')", "b = 2"))
    assert (error.code, error.params["found"]) == ("no_such_function", "")


def test_layers_that_were_added_to_a_name_without_a_model_are_why_there_is_none() -> None:
    told = refused("model == Sequential()\nmodel.add(Layer())\n")
    assert (told.code, told.line) == ("exception_in_code", 1)
    assert refused("print(model)\n").code == "no_such_function"


def test_the_asked_function_says_itself_why_it_stops() -> None:
    error = refused("1 / 0\ndef build_model():\n    return unknown_name\n")
    assert error.code == "not_filled_in_name"
    source = "x = open('nowhere')\ndef build_model():\n    m = Sequential()\n    m.fit(x)\n    return m\n"
    assert refused(source).code == "file_not_found", "the function misses what a file was to give"


@pytest.mark.parametrize(
    "body", ["pass", '"""Words."""', "...", "return None", "model = None\n    return model"]
)
def test_a_starter_that_nobody_has_filled_in_is_told_as_that(body: str) -> None:
    assert refused(f"def build_model():\n    {body}\n").code == "not_filled_in"


def test_the_end_of_the_program_is_the_cause_of_what_never_ran() -> None:
    assert refused("import sys\nsys.exit()\nmodel = Sequential()\n").code == "ended_early"
    assert refused("import sys\nsys.exit()\nother = Sequential()\n").code == "no_such_function"


def test_a_main_guard_runs_where_nothing_else_is_found() -> None:
    guarded = "if __name__ == '__main__':\n    1 / 0\n    model = Sequential([Layer()])\n"
    assert graded(guarded)["model"] == 1
    assert graded(BEGIN + guarded)["model"] == 2


def test_a_main_guard_of_a_notebook_runs_where_it_stands() -> None:
    assert graded(book(BEGIN, "if __name__ == '__main__':\n    model.add(Layer())"))["model"] == 3


def test_what_an_earlier_run_was_cut_off_in_counts_as_stopped() -> None:
    told: list[int] = []
    source = BEGIN + "model.add(Layer())\nwhile True:\n    pass\n"
    done = run(source, upto=2, tell=told.append)
    assert answers.answer(done, PART)["model"] == 3
    assert (told, done.told()) == ([1, 2], [{"code": "cut_off", "params": {"lines": "3"}}])
    assert refused(BEGIN + "while True:\n    model.add(Layer())\n", upto=1).code == "cut_off"
    assert refused("while True:\n    pass\nmodel = Sequential()\n", upto=0).code == "cut_off"


def test_as_python_a_script_ends_where_python_ends_it() -> None:
    assert graded(BEGIN + "1 / 0\nmodel.add(Layer())", as_python=True)["model"] == 2
    assert refused("1 / 0\nmodel = Sequential()", as_python=True).params["error"] == "ZeroDivisionError"
    assert graded(book(BEGIN + "1 / 0", "model.add(Layer())"), as_python=True)["model"] == 3


def test_older_answers_of_a_notebook_are_told_with_their_cells() -> None:
    found = graded(book(BEGIN, "model = Sequential([Layer()])", "model.add(Layer())", "model = Sequential()"))
    assert (found["model"], found["cell"]) == (0, 4)
    assert [(one["model"], one["cell"]) for one in found["others"]] == [(2, 2), (2, 1)], (
        "in their final state"
    )


def test_an_unfinished_answer_is_not_among_them() -> None:
    unfinished = "model = Sequential()\nmodel.add(Layer(unknown))"
    found = graded(book(BEGIN, unfinished, "model = Sequential([Layer()])"))
    assert [one["cell"] for one in found["others"]] == [1]
    found = graded(book(BEGIN, unfinished))
    assert found["error"]["code"] == "exception_in_code"
    assert [one["cell"] for one in found["others"]] == [1]


def test_only_the_newest_sixteen_are_kept() -> None:
    cells = [f"model = Sequential([Layer()] * {number})" for number in range(20)]
    assert [one["model"] for one in graded(book(*cells))["others"]] == list(range(18, 3, -1))


def test_a_script_has_one_answer() -> None:
    assert graded(BEGIN + "model = Sequential([Layer()])")["others"] == []


def test_a_function_that_cannot_be_called_yields_to_a_model() -> None:
    assert graded("def build_model(a, b):\n    ...\n" + BEGIN)["entry_point"] == "model"


def test_claims_within_their_bounds_lose_the_oldest_answers_first() -> None:
    others = [{"cell": number, "text": "x" * 100} for number in (3, 2, 1)]
    claim = {"parts": [{"others": others}, {"name": "other"}]}
    kept = answers.trimmed(claim, 350)["parts"][0]["others"]
    assert [one["cell"] for one in kept] == [3, 2]


def test_stopped_lines_are_told_once_and_with_their_number() -> None:
    (note,) = run(BEGIN + "1 / 0\n" * 13).told()
    assert note["params"]["more"] == "3"
    assert note["params"]["lines"].startswith("2, 3, 4")
    assert note["error"]["params"]["text"] == "division by zero"
