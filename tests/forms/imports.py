"""From where the answer takes Keras: as it is done today, was done in 2016, and everything between."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.forms.draft import Draft
from tests.forms.form import Stage, form

OLD_MODULES = {
    "core": ("Dense", "Dropout", "Activation", "Flatten", "Reshape"),
    "convolutional": ("Conv2D", "ZeroPadding2D"),
    "pooling": ("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D"),
    "normalization": ("BatchNormalization",),
    "advanced_activations": ("ELU", "LeakyReLU"),
}
"""Below keras.layers, until 2021."""
_MODULE_OF = {kind: module for module, kinds in OLD_MODULES.items() for kind in kinds}
_MODELS = ("Sequential", "Model")


def _bound(head: str) -> dict[str, str]:
    """What each imported name stands for, as a path that begins with keras or tensorflow."""
    names = {}
    for node in ast.parse(head).body:
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for one in node.names:
            path = (module + one.name).replace("tensorflow.keras", "keras")
            names[one.asname or one.name] = path
    return names


class _Renamer(ast.NodeTransformer):
    """Puts in place of every path of Keras or TensorFlow what `spell` makes of it; None leaves it as it is."""

    def __init__(self, names: dict[str, str], spell: Callable[[str], str | None]) -> None:
        self._names, self._spell = names, spell

    def _path(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute) and (below := self._path(node.value)):
            return f"{below}.{node.attr}".replace("tensorflow.keras", "keras")
        return None

    def visit(self, node: ast.AST) -> ast.AST:
        path = self._path(node)
        spelled = self._spell(path) if path else None
        return ast.parse(spelled, mode="eval").body if spelled else super().visit(node)


def _respelled(draft: Draft, spell: Callable[[str], str | None]) -> str:
    tree = _Renamer(_bound(draft.head), spell).visit(ast.parse(draft.answer))
    return ast.unparse(ast.fix_missing_locations(tree))


def _line(name: str, path: str, root: str) -> str:
    """An import of Keras's `path` as `name`, from below `root`."""
    if path.startswith("tensorflow"):
        return "import tensorflow as tf"
    *modules, last = path.split(".")
    above = ".".join([*root.split("."), *modules[1:]])
    if not modules:
        package, _, last = root.rpartition(".")
        return f"from {package} import {last}" if package else f"import {last}"
    return f"from {above} import {last}" + ("" if last == name else f" as {name}")


def _modules(draft: Draft) -> list[str]:
    """The lines that import modules, as they were."""
    bound = _bound(draft.head)
    return [_line(name, path, "keras") for name, path in bound.items() if path.split(".")[-1].islower()]


@form(Stage.IMPORTS, "from tensorflow.keras.layers import …")
def imports_tensorflow_keras(draft: Draft, _: Random) -> Draft:
    lines = [_line(name, path, "tensorflow.keras") for name, path in _bound(draft.head).items()]
    return replace(draft, head="\n".join(lines))


@form(Stage.IMPORTS, "tf.keras.layers.… written out everywhere")
def imports_tf_keras(draft: Draft, _: Random) -> Draft:
    def spell(path: str) -> str:
        root, dot, rest = path.partition(".")
        return {"keras": "tf.keras", "tensorflow": "tf"}[root] + dot + rest

    return replace(draft, head="import tensorflow as tf", answer=_respelled(draft, spell))


@form(Stage.IMPORTS, "from tensorflow.python.keras.layers import …")
def imports_tensorflow_python(draft: Draft, _: Random) -> Draft:
    homes = {"keras.Input": "keras.layers.Input", **{f"keras.{it}": f"keras.models.{it}" for it in _MODELS}}
    names = {name: homes.get(path, path) for name, path in _bound(draft.head).items()}
    lines = [_line(name, path, "tensorflow.python.keras") for name, path in names.items()]
    return replace(draft, head="\n".join(lines), answer=_of_then(draft.answer))


@form(Stage.IMPORTS, "from keras.layers.core, .convolutional, .pooling … import …")
def imports_of_2016(draft: Draft, _: Random) -> Draft:
    used: dict[str, str] = {}

    def spell(path: str) -> str | None:
        kind = path.rpartition(".")[2]
        if path.startswith("keras.layers.") and kind in _MODULE_OF:
            used[kind] = f"keras.layers.{_MODULE_OF[kind]}"
        elif path in {"keras.Input", "keras.layers.Input"}:
            used[kind] = "keras.layers"
        elif path.startswith("keras.") and kind in _MODELS:
            used[kind] = "keras.models"
        else:
            return None
        return kind

    answer = _of_then(_respelled(draft, spell))
    lines = [f"from {module} import {kind}" for kind, module in used.items()]
    others = [
        _line(name, path, "keras")
        for name, path in _bound(draft.head).items()
        if name not in used and not path.split(".")[-1].islower()
    ]
    return replace(draft, head="\n".join([*lines, *others, *_modules(draft)]), answer=answer)


@form(Stage.IMPORTS, "from keras.layers import *")
def imports_star(draft: Draft, _: Random) -> Draft:
    def spell(path: str) -> str | None:
        module, _, kind = path.rpartition(".")
        if module == "keras.layers":
            return kind
        return kind if module in {"keras", "keras.models"} and kind in {*_MODELS, "Input"} else None

    answer = _respelled(draft, spell)
    others = [
        _line(name, path, "keras")
        for name, path in _bound(draft.head).items()
        if path.rpartition(".")[0] not in {"keras", "keras.layers", "keras.models"}
    ]
    lines = ["from keras.models import *", "from keras.layers import *", *others, *_modules(draft)]
    return replace(draft, head="\n".join(lines), answer=answer)


def _of_then(answer: str) -> str:
    """Before Keras 3 there was a backend where keras.ops is now."""
    return answer.replace("keras.ops.", "keras.backend.")
