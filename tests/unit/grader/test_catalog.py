from __future__ import annotations

import pytest

from grader.catalog import load_assignment, load_catalog
from grader.domain.assignment import Strictness
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


def test_an_assignment_says_how_strict_it_is(folder):
    def strictness():
        return load_assignment(folder)[0].parts[0].architecture

    assert strictness() is Strictness.EXACT
    path = folder / "assignment.yaml"
    for word in ("exact", "pieces", "any"):
        path.write_text(
            YAML.replace("    input_shape", f"    architecture: {word}\n    input_shape"), "utf-8"
        )
        assert strictness() is Strictness(word)
    path.write_text(YAML.replace("    input_shape", "    architecture: loose\n    input_shape"), "utf-8")
    with pytest.raises(AuthorError, match=r":6: .*exact"):
        load_assignment(folder)


FULL = "binary_crossentropy, samples: 100, threshold: 0.9}\n    full_training: {epochs: 20, threshold: 0.97}"


def test_a_part_may_have_a_full_plan(folder):
    (folder / "assignment.yaml").write_text(YAML.replace("binary_crossentropy}", FULL), "utf-8")
    assignment = load_assignment(folder)[0]
    part = assignment.parts[0]
    assert (part.plan.epochs, part.plan.samples, part.plan.threshold, part.plan.long) == (3, 100, 0.9, False)
    full = part.full_plan
    assert (full.epochs, full.samples, full.threshold, full.long) == (20, None, 0.97, True)
    assert assignment.plans == ("class", "document")


STOPPING = "validation_split: 0.2, stopping: {accuracy: 0.9, "


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("optimizer: adam", "optimizer: rmsporp", r":7: .*there is no rmsporp; did you mean 'rmsprop'"),
        ("binary_crossentropy", "binary_crossentropie", r":7: .*did you mean 'binary_crossentropy'"),
        ("epochs: 3", "epochs: 3, optimizer_options: {momentum: 0.9}", r":7: .*adam has no \['momentum'\]"),
        ("epochs: 3", "epochs: 3, from_logits: true", r":7: .*logits are for the categorical losses"),
        ("epochs: 3", "epochs: 3, threshold: 1.0", r":7: .*less than 1"),
        ("epochs: 3", "epochs: 3, samples: 0", r":7: .*too few"),
        (
            "epochs: 3",
            "epochs: 3, stopping: {accuracy: 0.9, patience: 3, rows: 9}",
            r":7: .*rows to validate on",
        ),
        ("epochs: 3", f"epochs: 3, {STOPPING}patience: 0, rows: 9}}", r":7: .*at least one epoch"),
        ("epochs: 3", f"epochs: 3, {STOPPING}patience: 3, rows: 0}}", r":7: .*at least one row"),
        (
            "epochs: 3",
            f"epochs: 3, {STOPPING}patience: 3, rows: 9, earliest: 0}}",
            r":7: .*at least the first epoch",
        ),
        (
            "binary_crossentropy}",
            FULL.replace("epochs: 20", "epochs: 0"),
            r":8: .*full_training: .*at least one",
        ),
        (
            "binary_crossentropy}",
            FULL.replace("epochs: 20", "epoch: 20"),
            r":8: .*'epoch'; did you mean 'epochs'",
        ),
        ("training:", "full_training: {epochs: 4}\n    choice: {}\n#", r":7: .*no training that it could be"),
    ],
)
def test_a_slip_in_a_plan_names_file_and_line(folder, old, new, words):
    (folder / "assignment.yaml").write_text(YAML.replace(old, new, 1), "utf-8")
    with pytest.raises(AuthorError, match=rf"assignment\.yaml{words}"):
        load_assignment(folder)


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
        (
            "title: Small",
            "title: &a Small\nauthor: *a",
            r"assignment.yaml:3: an alias, \*a: write out what it stands for",
        ),
        (
            "title: Small",
            "title: &a Small\n<<: *a",
            r"assignment.yaml:3: an alias, \*a: write out what it stands for",
        ),
        (
            "title: Small",
            "title: Small\n<<: &a {b: *a}",
            r"assignment.yaml:3: an alias, \*a: write out what it stands for",
        ),
        ("title: Small", "title: " + "[" * 3000, "assignment.yaml"),
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


PROBE_YAML = """\
format: 1
title: Small
parts:
  - name: model
    entry_point: {function: my_loss}
    probe:
      kind: loss_function
      shapes: [[4, 3]]
"""
PROBE_CHECKS = '''\
from grader.checks import probe_check


@probe_check(points=2)
def value(run):
    """is right"""
'''


def test_a_part_may_be_a_function_to_run(folder):
    (folder / "assignment.yaml").write_text(PROBE_YAML, "utf-8")
    (folder / "checks.py").write_text(PROBE_CHECKS, "utf-8")
    assignment, rubrics = load_assignment(folder)
    assert assignment.parts[0].probe.shapes == ((4, 3),)
    assert [check.id for check in rubrics["model"].probe] == ["value"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("loss_function", "loss_functions", r"assignment.yaml:7: .*expected one of"),
        ("shapes", "shape", r"assignment.yaml:8: unknown key 'shape'; did you mean 'shapes'\?"),
        ("[[4, 3]]", "[[4, 300]]", r"assignment.yaml:8: .*of 1 to 256 numbers"),
        ("      kind", "      options: [{a: 1}]\n      kind", r"assignment.yaml:7: .*only a class"),
        ("    probe", "    input_shape: [4]\n    probe", r"assignment.yaml:7: .*a probe is no model"),
        (PROBE_YAML[PROBE_YAML.index("    probe") :], "", r"assignment.yaml:4: .*needs its input_shape"),
    ],
)
def test_a_slip_in_a_probe_names_file_and_line(folder, old, new, words):
    (folder / "checks.py").write_text(PROBE_CHECKS, "utf-8")
    (folder / "assignment.yaml").write_text(PROBE_YAML.replace(old, new), "utf-8")
    with pytest.raises(AuthorError, match=words):
        load_assignment(folder)


def test_a_check_looks_at_what_its_part_gives(folder):
    (folder / "assignment.yaml").write_text(PROBE_YAML, "utf-8")
    with pytest.raises(AuthorError, match="shape looks at the part 'model', which takes @probe_check"):
        load_assignment(folder)
    (folder / "assignment.yaml").write_text(YAML, "utf-8")
    (folder / "checks.py").write_text(PROBE_CHECKS, "utf-8")
    with pytest.raises(AuthorError, match="which takes @architecture_check or @training_check"):
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
