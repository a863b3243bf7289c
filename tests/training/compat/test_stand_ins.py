"""Each stand-in beside each real library, whichever was imported first: libraries ask each other for what they know."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workers.guest.compat import standins

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[3]
USES = {
    "matplotlib": "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.figure(); plt.imshow([[1]]); plt.savefig('x.png'); plt.show()",
    "pandas": "import pandas as pd; f = pd.DataFrame({'a': [1, 2]}); repr(f); f.to_html(); f.plot() if 'matplotlib' in __import__('sys').modules else 0",
    "numpy": "import numpy as np; repr(np.eye(2)); np.save('x.npy', np.eye(2))",
    "scipy": "import scipy.optimize as o; o.minimize(lambda x: (x ** 2).sum(), [1.0])",
    "sklearn": "from sklearn.linear_model import LogisticRegression as L; repr(L().fit([[0], [1]], [0, 1])); L()._repr_html_()",
    "joblib": "import joblib; joblib.Parallel(n_jobs=-1)(joblib.delayed(abs)(i) for i in (1, 2))",
    "h5py": "import h5py; h5py.File('x.h5', 'w').close()",
    "PIL": "from PIL import Image; Image.new('RGB', (2, 2)).save('y.png'); Image.open('y.png').show",
    "keras": "import keras; m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]); m.summary(); m.compile('adam', 'mse'); "
    "import numpy as np; m.fit(np.zeros((2, 2)), np.zeros(2)); keras.utils.plot_model(m)",
    "tensorflow": "import tensorflow as tf; repr(tf.ones((2, 2))); tf.data.Dataset.range(3).batch(2)",
}
RUNNER = """
import json, os, sys, traceback
os.environ.update(MPLBACKEND="Agg", TF_CPP_MIN_LOG_LEVEL="3", JOBLIB_MULTIPROCESSING="0")
from workers.guest import compat
stand_ins, uses, order = json.load(sys.stdin)
bad = []
def alone(name, *steps):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 0
        try:
            with compat.standing():
                for step in steps:
                    exec(step, {"__name__": "submission"})
        except BaseException:
            traceback.print_exc()
            status = 1
        os._exit(status)
    if os.waitpid(child, 0)[1]:
        bad.append(name)
every = "\\n".join(f"import {name}" for name in stand_ins)
if order == "stand-ins first":  # into a process that has none of the libraries yet
    alone("all", every, *uses.values())
else:
    import h5py, joblib, keras, matplotlib.pyplot, numpy, pandas, PIL.Image, scipy.optimize, sklearn.linear_model
    alone("all", *uses.values(), every, *uses.values())
    for name in stand_ins:  # one at a time beside those that ask for others
        alone(name, uses["matplotlib"], f"import {name}", uses["matplotlib"], uses["pandas"])
print(json.dumps(bad))
"""


@pytest.mark.parametrize("order", ["stand-ins first", "libraries first"])
def test_none_disturbs_another(tmp_path: Path, order: str) -> None:
    names = sorted(standins.MODULES)
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], input=json.dumps([names, USES, order]), text=True, capture_output=True,
        cwd=tmp_path, timeout=400, env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [], done.stderr
