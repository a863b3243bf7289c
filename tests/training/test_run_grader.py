"""`grader.run_grader` from the wheel, in a process that may import nothing but what the notebook has already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.db.queries import Filter
from grader.domain.course import CountingRule, Role
from grader.settings import BUILT_IN_ASSIGNMENTS, load_settings
from grader.web import create_app
from grader.wiring import Wiring
from tests.visitors import served

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import json, os, runpy, sys, traceback
import keras

for line in sys.stdin:
    job = json.loads(line)
    if os.fork() == 0:
        for descriptor in (1, 2):
            os.dup2(os.open(job["said"][descriptor - 1], os.O_WRONLY | os.O_CREAT), descriptor)
        os.chdir(job["folder"])
        os.environ |= job["environ"]
        status = 0
        try:
            if job["is_file"]:
                runpy.run_path(job["source"], run_name="__main__")
            else:
                exec(compile(job["source"], "notebook.py", "exec"), {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc()
            status = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""
NOTEBOOK = """
import sys
import keras
from keras import layers

TRAFFIC = [layers.Conv2D(32, 3), layers.MaxPooling2D(), layers.Dropout(0.5), layers.Activation("relu"),
           layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(5, activation="softmax")]

def dense(units=128, shape=(32, 32, 3)):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(units, activation="relu"),
                             layers.Dense(5, activation="softmax")])

class OnlyOurs:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {{"grader", "workers"}} and top not in loaded:
            raise ModuleNotFoundError(f"No module named {{name!r}} in this notebook", name=top)

loaded = {{name.partition(".")[0] for name in sys.modules}}
assert "yaml" not in loaded
assert "click" not in loaded
sys.path.insert(0, {wheel!r})
sys.meta_path.insert(0, OnlyOurs())
import grader
assert grader.__file__.startswith({wheel!r})
{cell}
"""


@pytest.fixture(scope="module")
def wheel(built_wheel, tmp_path_factory):
    """A folder with the wheel's contents, as `pip install` would leave them."""
    site = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(built_wheel), str(site)], check=True)
    return str(site)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A process that has imported Keras and nothing of ours; each notebook is a fork of it, with an output of its own."""
    folder = tmp_path_factory.mktemp("kernel")
    words = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def run(kernel, tmp_path):
    """What a script prints; it is code, or the path of a file."""

    def run(source, **environ):
        said = [tmp_path / "stdout", tmp_path / "stderr"]
        job = {
            "source": str(source),
            "is_file": isinstance(source, Path),
            "folder": str(tmp_path),
            "environ": {name: str(value) for name, value in environ.items()},
            "said": [str(path) for path in said],
        }
        kernel.stdin.write(json.dumps(job) + "\n")
        kernel.stdin.flush()
        status = kernel.stdout.readline()
        assert status == "0\n", said[1].read_text("utf-8")
        return said[0].read_text("utf-8")

    return run


@pytest.fixture
def notebook(wheel, run):
    return lambda cell: run(NOTEBOOK.format(wheel=wheel, cell=cell))


def test_praise_for_every_name_of_an_accuracy(notebook):
    out = notebook("""
for name in ("acc", "accuracy", "sparse_categorical_accuracy"):
    grader.run_grader(dense(), {name: [0.3, 0.5, 0.8]})
class History:
    history = {"loss": [1.0], "acc": [0.9]}
grader.run_grader(dense(), History())
""")
    assert out.count("Nice work!\nLooks good!\n") == 4
    assert out.count("the real grade is made on the server") == 4


def test_what_to_change_and_what_is_missing(notebook):
    out = notebook("""
grader.run_grader(dense(), {"accuracy": [0.3, 0.4, 0.2]})
print("====")
grader.run_grader(dense(), {"loss": [1.0]})
print("====")
grader.run_grader(dense(7), {"acc": [0.9]}, assignment="traffic-dense")
print("====")
grader.run_grader(dense(7), {"acc": [0.9]})
print("====")
grader.run_grader(dense(), None, assignment="traffic-dens")
""").split("====")
    assert "training accuracy is 20.0%" in out[0]
    assert "The architecture is right." in out[1]
    assert "metrics=" in out[1]
    assert "Dense(128)" in out[2]
    assert "Nice work" not in out[2]
    assert "fits no exercise" in out[3]
    assert "assignment=" in out[3]
    assert "traffic-conv" in out[3]
    assert "did you mean 'traffic-dense'" in out[4]


def test_a_model_that_fits_several_exercises(notebook):
    out = notebook("""
model = keras.Sequential([keras.Input((32, 32, 3)), *TRAFFIC])
grader.run_grader(model, {"acc": [0.9, 0.9, 0.9]})
print("====")
grader.run_grader(model, {"acc": [0.9] * 8}, assignment="traffic-test")
""").split("====")
    assert "traffic-dropout, traffic-test" in out[0]
    assert "Nice work!" in out[0]
    assert "measured on the server" in out[1]


def test_what_is_no_model_and_what_is_not_built_yet(notebook):
    out = notebook("""
grader.run_grader("model")
print("====")
unbuilt = keras.Sequential([layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(5, activation="softmax")])
grader.run_grader(unbuilt)
assert not unbuilt.built
print("====")
grader.run_grader(unbuilt, {"acc": [0.9]}, assignment="traffic-dense")
print("====")
inputs = keras.Input((32, 32, 3))
grader.run_grader(keras.Model(inputs, layers.Lambda(lambda x: x)(inputs)))
""").split("====")
    assert "takes a Keras model" in out[0]
    assert "no input shape" in out[1]
    assert "Nice work!" in out[2]
    assert "Lambda" in out[3]


def test_the_documents_way_of_calling_it(notebook):
    out = notebook("""
try:
    grader.run_grader(dense(), {"acc": [0.9]})
except Exception as err:
    print(str(err))
""")
    assert out.startswith("Nice work!\nLooks good!\n")


def test_without_a_login_nothing_is_handed_in_and_the_way_is_told(wheel, tmp_path, run):
    script = f"""
import sys
sys.path.insert(0, {wheel!r})
import keras, grader
from keras import layers
model = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(128, activation="relu"),
                          layers.Dense(5, activation="softmax")])
grader.run_grader(model, {{"acc": [0.9]}}, submit=True)
"""
    (tmp_path / "n.py").write_text(script, "utf-8")
    out = run(tmp_path / "n.py", HOME=tmp_path, XDG_CONFIG_HOME=tmp_path)
    assert "Nice work!" in out
    assert "grader login" in out


def test_the_wheel_has_every_assignment_as_json_too(wheel):
    built_in = Path(wheel) / "grader" / "builtin"
    slugs = {path.parent.name for path in BUILT_IN_ASSIGNMENTS.glob("*/assignment.yaml")}
    assert {path.parent.name for path in built_in.glob("*/assignment.json")} == slugs
    assert json.loads((built_in / "traffic-dense" / "assignment.json").read_text("utf-8"))["format"] == 1


@pytest.fixture
def server(tmp_path):
    """A real site with one student, and the folder where that student's login is kept."""
    parts = Wiring(load_settings({}, data_dir=tmp_path / "data"))
    (tmp_path / "data").mkdir()
    upgrade(parts.database)
    course = parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, ["traffic-dense"])
    ada = parts.accounts.create("ada@example.edu", "Ada")
    parts.courses.set_role(course.id, ada.id, Role.STUDENT)
    token, _ = parts.accounts.issue_token(ada.id, "notebook", utc_now())
    config = tmp_path / "config" / "keras-grader"
    config.mkdir(parents=True)
    with served(create_app(parts.settings, parts)) as address:
        session = {"url": address, "token": token}
        (config / "session.json").write_text(json.dumps(session), "utf-8")
        yield parts, course, tmp_path / "config"
    parts.database.close()


HANDS_IN = """
import sys
sys.path.insert(0, {wheel!r})
import keras, grader
from keras import layers
{before}
model = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(128, activation="relu"),
                          layers.Dense(5, activation="softmax")])
grader.run_grader(model, {{"acc": [0.9]}}, submit=True)
"""
SHELL = """
import types
history = types.SimpleNamespace(input_hist_raw=["", "%matplotlib inline", "model = 1"])
shell = types.SimpleNamespace(history_manager=history)
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)
"""


@pytest.mark.parametrize(
    ("before", "name", "inside"),
    [("", "n.py", "grader.run_grader(model"), (SHELL, "notebook.ipynb", "# %% cell 1 of the notebook")],
)
def test_with_a_login_the_code_is_handed_in(wheel, server, tmp_path, run, before, name, inside):
    parts, course, config = server
    (tmp_path / "n.py").write_text(HANDS_IN.format(wheel=wheel, before=before), "utf-8")
    assert "Handed in for traffic-dense" in run(tmp_path / "n.py", XDG_CONFIG_HOME=config)
    (one,) = parts.queries.submissions(Filter(course=course.id)).items
    saved = parts.store.get(one.id)
    assert (saved.assignment, saved.file_name) == ("traffic-dense", name)
    assert inside in saved.source


def test_without_any_code_to_take_nothing_is_handed_in_and_it_is_said(wheel, server, tmp_path):
    _, _, config = server
    environ = {**os.environ, "XDG_CONFIG_HOME": str(config)}
    words = [sys.executable, "-c", HANDS_IN.format(wheel=wheel, before="")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environ)
    assert done.returncode == 0, done.stderr
    assert "neither a notebook nor a script" in done.stdout


def test_advice_in_chinese(notebook):
    out = notebook("""
grader.run_grader(dense(7), {"acc": [0.9]}, assignment="traffic-dense", lang="zh")
""")
    assert "第一个 Dense 层有一项设置不同：units。" in out
    assert "期望：Dense(128)。实际：Dense(7)。" in out
    assert out.endswith("以上只是建议：真正的成绩要等你提交之后在服务器上评出。\n")
