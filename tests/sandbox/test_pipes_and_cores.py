"""What a script may ask of the machine inside the sandbox: a pipe that nobody reads, all cores, a shell that is not there."""

from __future__ import annotations

import json

import pytest

from grader.domain.assignment import Limits
from workers.sandbox.base import Finished, Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

SOURCE = """
import os
reader, writer = os.pipe()
os.close(reader)
try:
    os.write(writer, b"x")
except BrokenPipeError:
    print("broken")
from IPython.display import SVG
import matplotlib.pyplot as plt
plt.plot([1, 2])
import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
x, y = np.arange(40.0).reshape(-1, 1), np.arange(40) % 2
search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, n_jobs=-1, cv=2).fit(x, y)
print(len(search.cv_results_["params"]), Parallel(n_jobs=4)(delayed(abs)(i) for i in (-1, -2)))
help(print)
exit("well")
"""


def test_a_script_goes_on() -> None:
    sandbox = BubblewrapSandbox(mode=Mode.FORKSERVER)
    try:
        outcome = sandbox.run({"source": SOURCE, "parts": [], "preload": True}, Limits())
    finally:
        sandbox.close()
    assert isinstance(outcome, Finished), outcome
    assert outcome.stdout.splitlines()[:3] == [
        "broken",
        "2 [1, 2]",
        "Help on print(*args, sep=' ', end='\\n', file=None, flush=False):",
    ]
    assert (
        "error" not in json.loads(outcome.claim)
        or json.loads(outcome.claim)["error"]["code"] == "ended_early"
    )
