"""Python as it was written in 2017, and as it is written today."""

from __future__ import annotations

import ast
from dataclasses import replace
from random import Random

from tests.forms.draft import Draft
from tests.forms.form import Stage, form

FUTURE = """# -*- coding: utf-8 -*-
from __future__ import absolute_import
from __future__ import division, print_function, unicode_literals"""
OF_2017 = """import os, sys
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '2'
import numpy as np
np.random.seed(1337)  # for reproducibility
import tensorflow as tf
tf.set_random_seed(1337)

batch_size, nb_epoch = 128, 12
print('Python %d, %s: %d epochs of %s' % (sys.version_info[0], 'Keras', nb_epoch, batch_size))
if sys.version_info[0] < 3:
    input = raw_input
    range = xrange"""
OF_TODAY = '''from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Mode(Enum):
    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Settings:
    """What I play with."""

    rate: float = 1e-3
    sizes: list[int] = field(default_factory=lambda: [32, 64])
    mode: Mode = Mode.TRAIN


settings: Settings = Settings()
if (count := len(settings.sizes)) > 1:
    print(f"{count=} sizes, {settings.rate:.1e} {settings.mode.value!r}")
match settings:
    case Settings(mode=Mode.TRAIN, rate=float() as rate):
        print(f"training with {rate}")
    case _:
        print("testing")
steps: dict[str, Callable[[int], int]] = {"double": lambda n: n * 2}'''


class _Older(ast.NodeTransformer):
    """Classes with `object`, and `super` that is told where it stands."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.bases = node.bases or [ast.Name("object")]
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "super":
                each.args = [ast.Name(node.name), ast.Name("self")]
        return node


class _Newer(ast.NodeTransformer):
    """Functions with types in quotes, as they are written where nobody imports them for that."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = node.returns or ast.Constant("keras.Model | None")
        for each in [*node.args.args, *node.args.kwonlyargs]:
            if each.arg != "self":
                each.annotation = ast.parse("tuple[int, ...] | object", mode="eval").body
        return node


@form(Stage.PYTHON, "Python as in 2017: __future__, class X(object), super(X, self), %, seeds")
def python_2017(draft: Draft, _: Random) -> Draft:
    answer = ast.unparse(ast.fix_missing_locations(_Older().visit(ast.parse(draft.answer))))
    return replace(draft, top=FUTURE, before=(*draft.before, OF_2017), answer=answer)


@form(Stage.PYTHON, "Python of today: types, dataclass, walrus, match, f-strings")
def python_today(draft: Draft, _: Random) -> Draft:
    answer = ast.unparse(ast.fix_missing_locations(_Newer().visit(ast.parse(draft.answer))))
    ending = 'print(f"{model.name = }, {model.count_params():,} weights")'
    ending = ending.replace("model", draft.net)
    return replace(draft, before=(*draft.before, OF_TODAY), answer=answer, behind=(ending, *draft.behind))
