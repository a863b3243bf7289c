"""Modules that notebooks import and that no grading needs: importable, and without effect.

Each stands in only where the real module is not installed.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Self

from . import course_files, prompt, vision
from .nothing import NOTHING
from .patches import Patches

MODULES = frozenset(
    {"pydot", "pydot_ng", "pydotplus", "graphviz", "IPython", "tqdm", "seaborn", "cv2", "kt_utils", "cnn_utils",
     "test_utils", "public_tests", "happy_utils", "resnets_utils", "tf_utils", "grader", "google", "google.colab",
     "ipywidgets", "livelossplot"}
)  # fmt: skip
"""What stands in where it is not installed, and whatever lies inside."""

_INSIDE = ("IPython.", "tqdm.", "google.colab.", "cv2.", "seaborn.")
_IPYTHON = (9, 0, 0)
_GRADERS = ("grader.", "grader_")  # the courses had one module for each quiz


class StandIns:
    """Finds the modules above when nobody else does; goes last among the finders."""

    def __init__(self, patches: Patches, *, invent: bool) -> None:
        self._invent = invent
        self._made: list[str] = []
        sys.meta_path.append(self)
        patches.on_undo(self._forget)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import protocol."""
        if name not in MODULES and not name.startswith(_INSIDE) and not name.startswith(_GRADERS):
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Part of the import protocol: an ordinary module will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Part of the import protocol."""
        self._made.append(module.__name__)
        names = _contents(module.__name__)(self._invent)
        module.__dict__.update(names)
        module.__dict__["__getattr__"] = _any_name

    def _forget(self) -> None:
        sys.meta_path.remove(self)
        for name in self._made:
            sys.modules.pop(name, None)


def install_drawing(module: ModuleType, patches: Patches) -> None:
    """Give `keras.utils` a plot_model and a model_to_dot that need no pydot."""
    for name in ("plot_model", "model_to_dot"):
        patches.set(module, name, NOTHING)


def install_notebook(patches: Patches) -> None:
    """The names that a notebook and a prompt have without importing them, for their code saved as a script."""
    for name in ("get_ipython", "display"):
        patches.offer(builtins, name, NOTHING)
    for name, value in prompt.names().items():
        patches.offer(builtins, name, value)


def _any_name(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return NOTHING


def _nothing_inside(_: object) -> dict[str, Any]:
    return {}


def _ipython(_: object) -> dict[str, Any]:
    return {
        "get_ipython": get_ipython,
        "version_info": _IPYTHON,
        "__version__": ".".join(map(str, _IPYTHON)),
    }


def get_ipython() -> Any:
    """The shell that student code talks to; libraries ask whether there is one, and there is none."""
    asks = str(sys._getframe(1).f_globals.get("__name__", ""))
    return NOTHING if asks in ("submission", "__main__") else None


def _tqdm(_: object) -> dict[str, Any]:
    return {"tqdm": Progress, "tqdm_notebook": Progress, "trange": lambda *ends, **_: Progress(range(*ends))}


def _grader(_: object) -> dict[str, Any]:
    return {"run_grader": run_grader}


def _kt_utils(invent: bool) -> dict[str, Any]:
    return course_files.happy(invent=invent)


def _contents(name: str) -> Callable[[bool], dict[str, Any]]:
    return _grader if name.startswith(_GRADERS) else _CONTENTS.get(name, _nothing_inside)


def _cnn_utils(invent: bool) -> dict[str, Any]:
    return course_files.signs(invent=invent)


def _cv2(_: object) -> dict[str, Any]:
    return vision.contents()


_CONTENTS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "IPython": _ipython,
    "tqdm": _tqdm,
    "tqdm.auto": _tqdm,
    "tqdm.notebook": _tqdm,
    "grader": _grader,
    "kt_utils": _kt_utils,
    "happy_utils": _kt_utils,
    "cnn_utils": _cnn_utils,
    "resnets_utils": _cnn_utils,
    "tf_utils": _cnn_utils,
    "cv2": _cv2,
}


def run_grader(*_: Any, **__: Any) -> None:
    """What a notebook's last cell calls; it has no say here."""
    print("run_grader has seen your model. The real grade is made on the server: see its report.")


class Progress:
    """`for x in tqdm(xs)`: the same things, without a bar."""

    def __init__(self, things: Iterable[Any] = (), *_: Any, **__: Any) -> None:
        self._things = things

    def __iter__(self) -> Iterator[Any]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)  # type: ignore[arg-type]  # as the real one

    def __getattr__(self, name: str) -> Any:
        return _any_name(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None
