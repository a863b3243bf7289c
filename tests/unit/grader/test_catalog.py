from __future__ import annotations

import pytest

from grader.catalog import load_assignment, load_catalog
from grader.domain.errors import AuthorError
from grader.settings import BUILT_IN_ASSIGNMENTS

YAML = """\
format: 1
title: Small
parts:
  - name: model
    entry_point: {function: build_model}
    input_shape: [4]
    training: {dataset: d, epochs: 3, batch_size: 8, optimizer: adam, loss: binary_crossentropy}
"""
CHECKS = '''\
from grader.checks import architecture_check, training_check


@architecture_check(points=2)
def shape(model):
    """has a shape"""


@training_check(points=3, needs=shape)
def accurate(run):
    """is right"""
'''


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in {
        "assignment.yaml": YAML,
        "checks.py": CHECKS,
        "statement.md": "# Do",
        "starter.py": "",
    }.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def test_a_folder_is_an_assignment(folder):
    catalog = load_catalog([folder.parent])
    assignment = catalog.assignments["small"]
    assert assignment.parts[0].plan.epochs == 3
    assert assignment.datasets == ("d",)
    assert catalog.max_score("small") == 5
    assert [check.id for check in catalog.rubrics["small"]["model"].checks] == ["shape", "accurate"]


def test_the_version_follows_the_folder(folder):
    before = load_assignment(folder)[0].version
    assert before == load_assignment(folder)[0].version
    (folder / "checks.py").write_text(CHECKS.replace("points=3", "points=4"), "utf-8")
    assert load_assignment(folder)[0].version != before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("epochs", "epoch", r"assignment.yaml:7: unknown key 'epoch'; did you mean 'epochs'\?"),
        ("epochs: 3", "epochs: three", "assignment.yaml:7: .*expected int"),
        ("epochs: 3", "epochs: 0", "assignment.yaml:7: .*at least one"),
        ("format: 1", "format: 2", "assignment.yaml:1: format: this is format 2"),
        ("title: Small\n", "", "the keys \\['title'\\]"),
        ("title: Small", "title: Small\ntitle: Again", "assignment.yaml:3: title appears twice"),
        ("title: Small", "title: [", "assignment.yaml:"),
        (YAML, "", "assignment.yaml:1: the file is empty"),
    ],
)
def test_a_slip_in_the_data_names_file_and_line(folder, old, new, words):
    (folder / "assignment.yaml").write_text(YAML.replace(old, new), "utf-8")
    with pytest.raises(AuthorError, match=words):
        load_assignment(folder)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("def shape(model):", "def shape(model)", r"checks.py:5: SyntaxError"),
        ('    """has a shape"""\n', "    return None\n", "checks.py: the check shape has no docstring"),
        ("needs=shape", "needs=shapes", r"checks.py:9: NameError"),
        (CHECKS, "", "no check"),
        ("points=2)", "points=2, part='other')", "a part 'other'"),
    ],
)
def test_a_slip_in_the_checks_names_the_file(folder, old, new, words):
    (folder / "checks.py").write_text(CHECKS.replace(old, new), "utf-8")
    with pytest.raises(AuthorError, match=words):
        load_assignment(folder)


def test_a_missing_statement_is_named(folder):
    (folder / "statement.md").unlink()
    with pytest.raises(AuthorError, match=r"statement.md"):
        load_assignment(folder)


def test_every_built_in_assignment_is_worth_ten_points_and_has_words():
    catalog = load_catalog([BUILT_IN_ASSIGNMENTS])
    assert set(catalog.assignments) >= {
        "traffic-dense", "traffic-conv", "traffic-pool", "traffic-dropout", "traffic-test", "happy-house",
    }  # fmt: skip
    for slug, assignment in catalog.assignments.items():
        assert catalog.max_score(slug) == 10, slug
        assert len(assignment.statement) > 300, slug
        assert assignment.parts[0].entry_point.name in assignment.starter, slug


def test_checks_stay_short():
    for path in BUILT_IN_ASSIGNMENTS.glob("*/checks.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 60, path
