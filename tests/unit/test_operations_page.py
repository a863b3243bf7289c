"""What docs/operations.md shows but no test types: the unit, the proxy, the names of settings; and how the page is read."""

from __future__ import annotations

import re
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path

import yaml

from grader.settings import Settings
from tests.instructions import Block, blocks_of, prints

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operations.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = blocks_of(PAGE)


def only(language: str) -> str:
    (text,) = [block.text for block in BLOCKS if block.language == language]
    return text


def test_the_unit_starts_what_the_first_terminal_does() -> None:
    unit = ConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(only("ini"))
    (typed,) = [block.text for block in BLOCKS if block.where == "first terminal"]
    assert unit["Service"]["ExecStart"].rpartition("/")[2] == typed.splitlines()[-1]
    assert "Environment=GRADER_DATA_DIR=/var/lib/grader\n" in only("ini")


def test_the_proxy_sends_the_headers_that_are_believed_and_takes_what_we_take() -> None:
    from grader.web import HARD_CAP_BYTES

    proxy = only("nginx")
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        assert f"proxy_set_header {header} $" in proxy
    (most,) = re.findall(r"client_max_body_size (\d+)m;", proxy)
    assert int(most) * 2**20 > HARD_CAP_BYTES


def test_every_setting_on_the_page_is_one() -> None:
    known = {f"GRADER_{setting.name.upper()}" for setting in fields(Settings)}
    of_compose = set(re.findall(r"\$\{(\w+)", (ROOT / "docker" / "compose.yaml").read_text()))
    assert set(re.findall(r"GRADER_[A-Z_]+", TEXT)) <= known | of_compose
    in_file = {
        line.partition("=")[0]
        for block in BLOCKS
        if "> .env" in block.text
        for line in block.text.splitlines()
        if re.match(r"[A-Z_]+=", line)
    }
    assert len(in_file) == 10
    assert in_file - {"COMPOSE_FILE"} <= of_compose


def test_what_a_page_shows_must_be_printed_in_its_order() -> None:
    block = Block("sh", "", "", "one … here\n…\nlast line\n")
    assert prints(block, "one thing here\nmore\nlast line\n")
    assert prints(block, "before\none here is here\nlast\tline\nafter\n")
    for output in (
        "",
        "one thing here\n",
        "last line\none thing here\n",
        "one thing here\nlast lines\n",
        "one  here\nlast line",
    ):
        assert not prints(block, output), output


def test_what_is_printed_belongs_to_what_was_typed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh first terminal\na\n```\n\nThen:\n\n```text\nb\n```\n\n```python\nc\n```\n")
    assert blocks_of(page) == [Block("sh", "first terminal", "a\n", "b\n"), Block("python", "", "c\n")]


def test_prometheus_is_told_where_to_look_with_which_token_and_by_which_rules() -> None:
    told = yaml.safe_load(only("yaml"))
    (job,) = told["scrape_configs"]
    assert job["authorization"].keys() == {"credentials_file"}
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8000"]}]
    assert [(PAGE.parent / name).is_file() for name in told["rule_files"]] == [True]
