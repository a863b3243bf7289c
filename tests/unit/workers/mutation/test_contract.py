from __future__ import annotations

import pytest

from grader.catalog import load_assignment
from grader.domain.errors import AuthorError
from grader.settings import load_settings
from tests.built_in import catalog
from workers.mutation.contract import EXACT, read_contract
from workers.mutation.mutant import Aspect

FOLDERS = load_settings({}).assignments_dirs


@pytest.fixture
def dense():
    return catalog().assignments["traffic-dense"]


def test_without_a_file_one_exact_network_is_asked_for(dense, tmp_path):
    contract = read_contract(dense, tmp_path)
    assert contract.judges == {"model": EXACT | {Aspect.ACCURACY}}
    assert contract.reference is None


def test_a_file_says_what_else(dense, tmp_path):
    (tmp_path / "mutants.yaml").write_text(
        "format: 1\nreference: one.py\nparts: [{name: model, judges: [input, budget]}]\n"
        "exceptions: [{mutant: 'model: x: y', reason: left open}]\n"
    )
    contract = read_contract(dense, tmp_path)
    assert contract.judges["model"] == {Aspect.INPUT, Aspect.BUDGET}
    assert contract.reference == "one.py"
    assert contract.exceptions == {"model: x: y": "left open"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: 2", "this is format 2"),
        ("format: 1\nparts: [{name: modal, judges: []}]", "mutants.yaml:2: .*no part 'modal'"),
        ("format: 1\nparts: [{name: model, judges: [inputs]}]", "mutants.yaml:2"),
        ("format: 1\nexeptions: []", "did you mean 'exceptions'"),
    ],
)
def test_a_slip_is_named(dense, tmp_path, text, words):
    (tmp_path / "mutants.yaml").write_text(text)
    with pytest.raises(AuthorError, match=words):
        read_contract(dense, tmp_path)


def test_the_file_decides_no_verdict(tmp_path):
    for path in (FOLDERS[0] / "xor").iterdir():
        if path.is_file():
            (tmp_path / "xor").mkdir(exist_ok=True)
            (tmp_path / "xor" / path.name).write_bytes(path.read_bytes())
    before = load_assignment(tmp_path / "xor")[0].version
    (tmp_path / "xor" / "mutants.yaml").write_text("format: 1\n")
    assert load_assignment(tmp_path / "xor")[0].version == before
