"""A notebook's statements as what they mean: `get_ipython()` of a script that nbconvert made, and `ls` without its sign.

The code that `run_cell_magic("time", "", "…")` holds becomes statements of the script itself, so that whoever runs the
script statement by statement sees them. Each is told by the line of the call, since the script has no other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .automagic import asked
from .magics import SHELL, as_python

_CELL, _LINE, _OUTPUT, _SYSTEM = (
    "run_cell_magic",
    ("run_line_magic", "magic"),
    "getoutput",
    ("system", "system_raw"),
)


def understood(tree: ast.Module) -> ast.Module:
    """The same tree where nothing of a notebook is in it. Raises SyntaxError for code in a text that is none."""
    body = [plain for statement in tree.body for plain in _plain(statement)]
    return ast.Module(body, tree.type_ignores)


def _plain(statement: ast.stmt) -> Iterator[ast.stmt]:
    word = asked(statement)
    if word is not None:
        yield _where_it_exists(word, statement)
        return
    text = _spelled_out(statement)
    if text is None:
        yield statement
        return
    yield from _told_by(statement, text)


def _where_it_exists(word: str, statement: ast.stmt) -> ast.stmt:
    condition = ast.parse(f"if {SHELL}.knows({word!r}): pass").body[0]
    assert isinstance(condition, ast.If), "it was written as one"
    for node in ast.walk(condition):
        ast.copy_location(node, statement)
    condition.body = [statement]
    return condition


def _spelled_out(statement: ast.stmt) -> str | None:
    """A top-level call of the shell in the words of a cell, with what it is assigned to; None for other statements."""
    target = ""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = f"{ast.unparse(statement.targets[0])} = "
    elif not isinstance(statement, ast.Expr):
        return None
    called = _asked_of_the_shell(statement.value)
    if called is None:
        return None
    method, (first, *more) = called
    rest = " ".join(more[:1]).strip()
    if method == _CELL and len(more) == 2 and not target:  # noqa: PLR2004 - its line and its text
        return f"%%{first} {rest}\n{more[1]}"
    if method in _LINE:
        return f"{target}%{first} {rest}".rstrip()
    if method == _OUTPUT:
        return f"{target}!{first}"
    return f"!{first}" if method in _SYSTEM and not target else None


def _asked_of_the_shell(value: ast.expr) -> tuple[str, list[str]] | None:
    """`get_ipython().method("text", …)` as its method and its texts."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.keywords:
        return None
    shell = value.func.value
    if not (isinstance(shell, ast.Call) and ast.unparse(shell) == "get_ipython()"):
        return None
    texts = [item.value for item in value.args if isinstance(item, ast.Constant)]
    words = [text for text in texts if isinstance(text, str)]
    return (value.func.attr, words) if words and len(words) == len(value.args) else None


def _told_by(statement: ast.stmt, text: str) -> Iterator[ast.stmt]:
    plain, _ = as_python(text)
    try:
        tree = ast.parse(plain)
    except SyntaxError as error:
        error.lineno = error.end_lineno = statement.lineno
        raise
    for inner in tree.body:
        if isinstance(inner, ast.Pass):  # a magic that was put out of action
            continue
        for node in ast.walk(inner):
            ast.copy_location(node, statement)
            if isinstance(node, ast.Call) and _is_write(node):
                node.args[2] = ast.copy_location(ast.Constant(statement.lineno), statement)
                step = ast.keyword("step", ast.copy_location(ast.Constant(0), statement))
                node.keywords = [ast.copy_location(step, statement)]
        yield inner


def _is_write(node: ast.Call) -> bool:
    function = node.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "write"
        and isinstance(function.value, ast.Name)
        and function.value.id == SHELL
    )
