"""A network without the layer whose `add` stopped is nobody's answer, however a notebook has hidden the statement."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.guest import magics, pieces, shell
from workers.guest.running import Run


class Model:
    """Stands in for Keras's, which takes seconds to load."""

    def __init__(self) -> None:
        self.layers: list[object] = []

    def add(self, layer: object) -> None:
        self.layers.append(layer)


Model.__module__ = "keras.src.stand_in"

CELL = "# %% cell 2 of the notebook\n"
FINISH = "%%writefile wf_finish.py\ndef finish(m):\n    m.add(1)\n    m.add(1 / 0)\n"
BUILDER = (
    "%%writefile wf_builder.py\nclass B:\n    def __init__(self, m):\n        self.m = m\n"
    "    def finish(self):\n        self.m.add(1)\n        self.m.add(1 / 0)\n"
)


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    names: dict[str, object] = {"model": Model()}
    served = shell.serve(names, magics.SHELL)
    yield names
    served.written.forget()
    for name in ("wf_finish", "wf_builder"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "lines",
    [
        "get_ipython().run_cell_magic('time', '', 'model.add(1)\\nmodel.add(1 / 0)\\nmodel.add(3)\\n')",
        "# %%\n%%time\nmodel.add(1)\nmodel.add(1 / 0)\nmodel.add(3)",
        "# %%\n%%unheard_of\nmodel.add(1)\nmodel.add(1 / 0)\nmodel.add(3)",
        "# %%\n%time model.add(1 / 0)",
        "# %%\nasync def later(): model.add(1 / 0)\n# %%\nawait later()",
        f"# %%\n{FINISH}\n# %%\nfrom wf_finish import finish\nfinish(model)",
        f"# %%\n{FINISH}\n# %%\n%run wf_finish.py\nfinish(model)",
        f"# %%\n{BUILDER}\n# %%\nfrom wf_builder import B\nb = B(model)\nb.finish()",
        f"# %%\n{BUILDER}\n# %%\nfrom wf_builder import B\nf = B(model).finish\n# %%\nf()",
        f"# %%\n{BUILDER}\n# %%\nimport wf_builder\nwf_builder.B(model).finish()",
    ],
)
def test_a_model_whose_add_stopped_is_marked(lines: str, namespace: dict[str, object]) -> None:
    whole = Run(pieces.read(f"{lines}\n", []), namespace, ("model",))
    whole.everything()
    assert [failure.mistake.params["error"] for failure in whole.failures] == ["ZeroDivisionError"]
    assert whole.marks.on_model(namespace["model"]) is whole.failures[0]
