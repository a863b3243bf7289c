"""What we ask of authors holds for our own files."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
READ_BY_US = ("assignments", "reference_solutions", "tests")


def test_no_file_of_ours_has_an_alias() -> None:
    files = [file for folder in READ_BY_US for file in (ROOT / folder).rglob("*.y*ml")]
    assert len(files) > 100
    with_alias = [
        file.name
        for file in files
        if "*" in (text := file.read_text("utf-8"))
        and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader))
    ]
    assert with_alias == []
