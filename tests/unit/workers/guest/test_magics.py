"""What only a notebook understands is put into Python's words, line for line, and nothing else is."""

from __future__ import annotations

import ast

import pytest

from workers.guest.magics import as_python, most_telling


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!pip install keras",
        "!!ls",
        "  %load_ext tensorboard",
        "?model",
        "?? model",
        "model.fit?",
        "model??",
        "*Dense*?",
        "%matplotlib?",
        "%cd /content",
        "%load other.py",
        "!ls -l \\\n  *.p",
        "!echo '''",
        "%%time",
        "%timeit -n 3 f()",
        "cd ..",
        "cat notes.txt",
        "cat 'my notes.txt'",
        "ls *.p",
        "  mkdir -p a/b",
        "pip install 'keras>=3'",
        "matplotlib inline",
        "load_ext tensorboard",
    ],
)
def test_a_magic_does_nothing_and_moves_no_line(line: str) -> None:
    indent = line[: len(line) - len(line.lstrip())]
    source = f"import keras\nif True:\n    x = 1\n{'if x:' if indent else 'y = 2'}\n{line}\nz = 3"
    plain, dropped = as_python(source)
    assert dropped == [line.split("\n", maxsplit=1)[0].strip()]
    assert plain.count("\n") == source.count("\n")
    namespace: dict[str, object] = {"keras": None}
    exec(plain.replace("import keras", ""), namespace)
    assert namespace["z"] == 3


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("files = !ls", "files = __notebook__.lines('ls')  # files = !ls"),
        ("a.b, c[0] = !!ls -l", "a.b, c[0] = __notebook__.lines('ls -l')  # a.b, c[0] = !!ls -l"),
        ("here = %pwd", "here = __notebook__.value('pwd')  # here = %pwd"),
        ("r = %timeit -o f()", "r = __notebook__.value('timeit -o f()')  # r = %timeit -o f()"),
        ("%%capture out --no-stderr", "out = __notebook__.captured()  # %%capture out --no-stderr"),
        ("%time model = build()", "model = build()"),
        ("model = %time build()", "model = build()"),
        ("%prun fit()", "fit()"),
        ("%run other.py", "__notebook__.run('other.py')"),
        ("run other.py", "__notebook__.run('other.py')"),
    ],
)
def test_what_later_code_needs_is_kept(line: str, python: str) -> None:
    plain, dropped = as_python(f"{line}\nn = 1\n")
    assert plain == f"{python}\nn = 1\n"
    # What runs is not told as left out.
    assert dropped == ([line] if "#" in python else [])


@pytest.mark.parametrize(
    "source",
    [
        "x = (5\n% 2)\n",
        "s = '''\n%matplotlib inline\n'''\n",
        "a = 7 % 3\n",
        "# !ls\n",
        "f'''\n!ls\n{1}'''\n",
        "print(f'{!ls}')\n",
        "a == %b\n",
        "import cat\ncat 'x'\n",
        "cat = 3\ncat 'x'\n",
        "with x as cat:\n    cat 'x'\n",
        "cd = = 3\n",
        "cd in\n",
        "cats 'x'\n",
        "run (3\n",
        "matplotlib pyplot\n",
        "ls\n",
        "ls -l\n",
    ],
)
def test_python_and_its_mistakes_are_left_alone(source: str) -> None:
    assert as_python(source) == (source, [])


def test_a_real_mistake_stays_where_it_is() -> None:
    plain, dropped = as_python("%matplotlib inline\nx = (\n")
    assert dropped == ["%matplotlib inline"]
    with pytest.raises(SyntaxError) as caught:
        ast.parse(plain)
    assert caught.value.lineno == 2


@pytest.mark.parametrize("first", ["%%bash", "%%html", "%%script false --no-raise-error", "%%unheard_of"])
def test_a_cell_in_another_language_is_left_out_whole(first: str) -> None:
    source = f"\n# %% cell 1 of the notebook\n{first}\necho $HOME\nls\n"
    plain, dropped = as_python(source)
    assert dropped == [first]
    assert ast.parse(plain).body == []
    assert plain.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "first", ["%%time", "%%timeit -n1", "%%capture", "%%grade traffic-dense", "%%unheard_of x"]
)
def test_a_cell_of_python_runs_whatever_watches_it(first: str) -> None:
    plain, dropped = as_python(f"# %% cell 1 of the notebook\n{first}\nx = 1\n")
    assert "x = 1" in ast.unparse(ast.parse(plain))
    assert dropped == [first]


@pytest.mark.parametrize(
    ("first", "name"), [("%%writefile m.py", "m.py"), ("%%file -a 'my m.py'", "-a 'my m.py'")]
)
def test_a_cell_that_writes_a_file_does_that_and_keeps_its_lines(first: str, name: str) -> None:
    source = f"\n\n# %% cell 2 of the notebook\n{first}\nx = '\\n'\n\ny = (\n\n"
    plain, dropped = as_python(source)
    assert dropped == []
    assert plain.count("\n") == source.count("\n")
    (statement,) = ast.parse(plain).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert statement.lineno == 4
    assert [ast.literal_eval(item) for item in statement.value.args] == [name, "x = '\\n'\n\ny = (\n", 5]


def test_the_one_that_matters_is_told() -> None:
    assert most_telling(["%matplotlib inline", "%cd /content", "!ls"]) == "%cd /content"
    assert most_telling(["%matplotlib inline", "!ls"]) == "%matplotlib inline"
