from __future__ import annotations

from pathlib import Path

import pytest

from grader.domain.errors import AuthorError
from grader.domain.report import DatasetStamp
from workers.calibration.ceilings import ceiling_of, read_ceilings

FACES = DatasetStamp("faces", "synthetic", "sha256:aa")
FILE = """format: 1
ceilings:
  - {solution: failed/a.py, dataset: "sha256:aa", accuracy: 0.7, because: proven}
  - {solution: failed/a.py, dataset: "sha256:aa", accuracy: 0.6, because: proven better}
"""


def test_the_lowest_holds_for_every_solution_that_gives_the_network(tmp_path: Path) -> None:
    (tmp_path / "ceilings.yaml").write_text(FILE, "utf-8")
    found = read_ceilings(tmp_path)
    assert ceiling_of(("failed/b.py", "failed/a.py"), FACES, found) == 0.6
    assert ceiling_of(("failed/b.py",), FACES, found) is None


def test_on_other_pictures_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "ceilings.yaml").write_text(FILE, "utf-8")
    other = DatasetStamp("faces", "real", "sha256:bb")
    assert ceiling_of(("failed/a.py",), other, read_ceilings(tmp_path)) is None


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert read_ceilings(tmp_path) == ()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("accuracy: 0.7", "accuracy: 70", "is a share, from 0 to 1"),
        ("format: 1", "format: 2", "this is format 2, known is 1"),
        ("because: proven}", "becuase: proven}", "because"),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, before: str, after: str, told: str) -> None:
    (tmp_path / "ceilings.yaml").write_text(FILE.replace(before, after), "utf-8")
    with pytest.raises(AuthorError, match=told) as found:
        read_ceilings(tmp_path)
    assert "ceilings.yaml" in str(found.value)
