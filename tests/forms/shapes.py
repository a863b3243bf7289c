"""How the answer itself is written: as function, variable, by a class, with or without arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.forms.draft import Draft
from tests.forms.form import Stage, form
from tests.forms.rows import Row

CLASS = '''class Network(object):
    """Makes the networks of this homework."""

    def __init__(self, *settings):
        self.settings = settings
        self.made = None

    def build(self, which):
        self.made = getattr(self, which)(*self.settings)
        return self.made
'''
TIMED = """import functools
import time


def timed(function):
    @functools.wraps(function)
    def inner(*arguments, **options):
        start = time.time()
        result = function(*arguments, **options)
        print("%s took %.1f s" % (function.__name__, time.time() - start))
        return result

    return inner
"""


def functions_of(tree: ast.Module, row: Row) -> list[ast.FunctionDef]:
    """Those that the statement asks for."""
    return [it for it in tree.body if isinstance(it, ast.FunctionDef) and it.name in row.functions]


def _edited(draft: Draft, edit: Callable[[ast.FunctionDef], list[ast.stmt]]) -> Draft:
    """The answer with each asked function replaced by what `edit` makes of it."""
    tree = ast.parse(draft.answer)
    asked = functions_of(tree, draft.row)
    body = [new for old in tree.body for new in (edit(old) if old in asked else [old])]
    return replace(draft, answer=ast.unparse(ast.fix_missing_locations(ast.Module(body, []))))


def _parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _no_function(row: Row) -> str:
    return "asks for classes" if row.slug == "custom-layers" else ""


def _no_model_function(row: Row) -> str:
    return "Keras calls what is asked for, with arguments of its own" if row.is_probed else ""


@form(Stage.SHAPE, "as the reference: functions (classes) of the asked names")
def function(draft: Draft, _: Random) -> Draft:
    return draft


@form(
    Stage.SHAPE,
    "a finished network under one of the row's variables",
    lambda row: "" if row.variables else "no variable does for its names",
)
def variable(draft: Draft, random: Random) -> Draft:
    tree = ast.parse(draft.answer)
    [asked] = functions_of(tree, draft.row)
    *body, last = asked.body
    name = random.choice(draft.row.variables)
    given = zip(asked.args.args, draft.row.arguments, strict=True)
    before = _parsed("\n".join(f"{one.arg} = {tuple(value)!r}" for one, value in given))
    if not isinstance(last.value, ast.Name) or last.value.id != name:
        body.append(ast.Assign([ast.Name(name)], last.value))
    statements = [new for old in tree.body for new in ([*before, *body] if old is asked else [old])]
    answer = ast.unparse(ast.fix_missing_locations(ast.Module(statements, [])))
    return replace(draft, answer=answer, call=name, variable=name)


@form(Stage.SHAPE, "the function asks a helper function of the student's", _no_function)
def helper(draft: Draft, _: Random) -> Draft:
    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        names = ", ".join(it.arg for it in asked.args.args)
        name, asked.name = asked.name, f"make_{asked.name}"
        return [
            asked,
            *_parsed(f"def {name}({names}):\n    result = make_{name}({names})\n    return result"),
        ]

    return _edited(draft, edit)


@form(Stage.SHAPE, "the function returns what the student's class builds", _no_function)
def class_wrapper(draft: Draft, _: Random) -> Draft:
    methods: list[ast.FunctionDef] = []

    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        names = ", ".join(it.arg for it in asked.args.args)
        made = f"def {asked.name}({names}):\n    return Network({names}).build('{asked.name}')"
        asked.args.args.insert(0, ast.arg("self"))
        methods.append(asked)
        return _parsed(made)

    changed = _edited(draft, edit)
    [network] = _parsed(CLASS)
    network.body += methods
    return replace(changed, answer=ast.unparse(ast.fix_missing_locations(network)) + "\n\n" + changed.answer)


@form(Stage.SHAPE, "the function is a lambda", _no_function)
def lambdas(draft: Draft, _: Random) -> Draft:
    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        names = ", ".join(it.arg for it in asked.args.args)
        name, asked.name = asked.name, f"make_{asked.name}"
        return [asked, *_parsed(f"{name} = lambda {names}: make_{name}({names})")]

    return _edited(draft, edit)


@form(Stage.SHAPE, "the function is decorated with a timer", _no_model_function)
def decorated(draft: Draft, _: Random) -> Draft:
    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        asked.decorator_list.append(ast.Name("timed"))
        return [asked]

    changed = _edited(draft, edit)
    return replace(changed, answer=f"{TIMED}\n\n{changed.answer}")


@form(Stage.SHAPE, "every argument has a default", _no_model_function)
def default_arguments(draft: Draft, _: Random) -> Draft:
    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        extra = "verbose=False" if asked.args.args else f"input_shape={draft.row.shape}, verbose=False"
        taken = ", ".join(f"{it.arg}={draft.row.shape}" for it in asked.args.args)
        asked.args = _arguments(f"{taken}, {extra}" if taken else extra)
        return [asked]

    return _edited(draft, edit)


@form(Stage.SHAPE, "arguments by keyword alone", _no_model_function)
def keyword_only(draft: Draft, _: Random) -> Draft:
    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        taken = [it.arg for it in asked.args.args]
        asked.args = _arguments(", ".join(["*", *taken, "verbose=0"]))
        return [asked]

    call = draft.call
    if draft.row.arguments:
        call = f"{draft.row.functions[0]}(input_shape={draft.row.shape})"
    return replace(_edited(draft, edit), call=call)


@form(
    Stage.SHAPE,
    "a function that takes nothing, though the assignment gives it something",
    lambda row: "" if row.arguments else "its functions take nothing as it is",
)
def no_argument(draft: Draft, random: Random) -> Draft:
    name = random.choice(["HappyModel", "happyModel", "happy_model"])

    def edit(asked: ast.FunctionDef) -> list[ast.stmt]:
        given = zip(asked.args.args, draft.row.arguments, strict=True)
        asked.body[:0] = _parsed("\n".join(f"{one.arg} = {tuple(value)!r}" for one, value in given))
        asked.args, asked.name = _arguments(""), name
        return [asked]

    return replace(_edited(draft, edit), call=f"{name}()")


def _arguments(text: str) -> ast.arguments:
    return ast.parse(f"lambda {text}: 0", mode="eval").body.args
