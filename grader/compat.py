"""Old spellings of Keras in a student's own notebook: `import grader.compat`, before anything else.

Code of 2016 to 2021 then runs there as it does while it is graded, and each old spelling is told once, with today's.
Models train and data are real. Importing this module is the whole interface, so it is the one module of ours whose
import does something; nothing of ours imports it.
"""

from __future__ import annotations

import importlib.util

from grader.domain.message import Message
from grader.messages import render
from workers.guest.compat import spell, standins
from workers.guest.compat.hooks import Hooks
from workers.guest.compat.names import PACKAGES
from workers.guest.compat.notes import Notes
from workers.guest.compat.patches import Patches


def install() -> Patches:
    """Have old spellings work from here on; the result's `undo()` puts everything back."""
    patches = Patches()
    hooks = Hooks(patches)
    spell(hooks, Notes(_tell), patches)
    if importlib.util.find_spec("pydot") is None:
        for package in PACKAGES:
            hooks.when_loaded(f"{package}.utils", lambda module: standins.install_drawing(module, patches))
    standins.StandIns(patches, invent=False)
    return patches


def _tell(code: str, params: dict[str, str]) -> None:
    print(render(Message(f"note_{code}", params)))


_INSTALLED = install()
