"""Declarations are strict: what is wrong is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.domain.errors import AuthorError
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.unit.workers.training.conftest import rewrite
from workers.training.declaration import find_declarations, read_declaration


def test_finds_the_folders() -> None:
    assert {"traffic-signs", "happy-house", "mnist", "fashion-mnist"} <= set(
        find_declarations(BUILT_IN_ASSIGNMENTS)
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title:", "titel:", r"dataset\.yaml:3: unknown key 'titel'; did you mean 'title'"),
        ("dtype: uint8}\nlabels", "dtpye: uint8}\nlabels", r":4: unknown key 'dtpye'; did you mean 'dtype'"),
        ("train: 2", "train: two", r":6: sizes\.train: expected int, got str"),
        ("encoding: binary", "encoding: octal", r":5: .*one-hot"),
        ("seed: 7\n", "", r"seed"),
        ("seed: 7", "seed: 7\nseed: 8", r":11: seed appears twice"),
        ("name: dots", "name: dust", r":2: name"),
        ("format: 1", "format: 2", r":1: format"),
        ("divide: 255.0", "divide: 0.0", r":7: scaling"),
        ("generate.py", "missing.py", r":9: generator"),
        ("files: []", "files: [", r":\d+: "),
        ("files: []", "files: [{name: a, part: train, format: npz}]", r":8: .*pictures or labels"),
        (
            "files: []",
            "files: [{name: a, part: train, format: idx, pictures: data, labels: data}]",
            r":8: .*pictures or labels",
        ),
        ("seed: 7", "seed: 7\norigin: real", r":11: origin: real data is imported"),
        ("shape: [2, 2, 1]", "shape: [200000, 200000, 1]", r":4: pictures"),
    ],
)
def test_a_malformed_declaration_names_its_line(dots: Path, old: str, new: str, message: str) -> None:
    rewrite(dots / "dataset.yaml", old, new)
    with pytest.raises(AuthorError, match=message):
        read_declaration(dots)
