"""What stands around student code, without any library: hooks, stand-ins, files; and that it goes away again."""

from __future__ import annotations

import builtins
import importlib
import io
import sys
from pathlib import Path

import pytest

from workers.guest import compat
from workers.guest.compat.hooks import Hooks
from workers.guest.compat.patches import Patches


def test_it_goes_away_again() -> None:
    before = (builtins.open, io.open, list(sys.meta_path), set(sys.modules))
    with compat.standing():
        importlib.import_module("pydot_ng")
        assert builtins.open is not before[0]
    assert (builtins.open, io.open, list(sys.meta_path)) == before[:3]
    assert "pydot_ng" not in sys.modules


def test_no_library_is_imported() -> None:
    loaded = set(sys.modules)
    with compat.standing() as seen:
        assert seen.claim() == {}
    assert not {
        name for name in set(sys.modules) - loaded if name.split(".")[0] in ("keras", "tensorflow", "numpy")
    }


def test_modules_that_do_nothing() -> None:
    with compat.standing():
        livelossplot = importlib.import_module("livelossplot")
        assert list(livelossplot.PlotLosses().draw()[3]) == []
        with livelossplot.anything as entered:
            assert not entered
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("torch_is_not_here")


def test_a_missing_old_module_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("keras.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    with compat.standing(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("keras.layers.core")


def test_a_hook_runs_after_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_hooked_module.py").write_text("value = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    patches = Patches()
    hooks = Hooks(patches)
    hooks.when_loaded("a_hooked_module", lambda module: setattr(module, "value", module.value + 1))
    assert "a_hooked_module" not in sys.modules
    module = importlib.import_module("a_hooked_module")
    hooks.when_loaded("a_hooked_module", lambda module: setattr(module, "value", module.value * 10))
    assert module.value == 20
    patches.undo()
    sys.modules.pop("a_hooked_module")
    assert hooks not in sys.meta_path
