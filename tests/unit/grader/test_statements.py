"""Every built-in assignment says the same in every language: all checks named, numbers and code unchanged."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from grader.catalog import load_assignment
from grader.domain.errors import AuthorError
from grader.language import LANGUAGES
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.built_in import catalog

BUILT_IN = catalog()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"```.*?```", re.DOTALL)


def numbers(text):
    return Counter(re.findall(r"\d[\d,.]*\d|\d", text))


def notations(text):
    """What stands between backticks; a line may end within."""
    return Counter(" ".join(found.split()) for found in re.findall(r"`([^`]+)`", CODE.sub("", text)))


def listings(text):
    """Code without its comments, which are words."""
    return [re.sub(r" *#.*", "", found) for found in CODE.findall(text)]


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("slug", BUILT_IN.assignments)
def test_a_statement_says_the_same(slug, language):
    found = BUILT_IN.assignments[slug]
    assert language in found.translations
    there, here = found.statement_in(language), found.statement
    assert numbers(there) == numbers(here)
    assert notations(there) == notations(here)
    assert listings(there) == listings(here)
    assert there.count("\n## ") == here.count("\n## ")


@pytest.mark.parametrize("slug", BUILT_IN.assignments)
def test_titles_are_chinese(slug):
    found = BUILT_IN.assignments[slug]
    words = [
        found.title_in("zh"),
        *found.words_in("zh").values(),
        *found.statement_in("zh").split("\n\n")[:1],
    ]
    assert all(CHINESE.search(each) for each in words if not each.startswith("# MNIST"))
    titles = {check.title for rubric in BUILT_IN.rubrics[slug].values() for check in rubric.checks}
    assert titles <= set(found.words_in("zh"))


@pytest.mark.parametrize("slug", BUILT_IN.assignments)
def test_the_numbers_of_a_title_stay(slug):
    for english, chinese in BUILT_IN.assignments[slug].words_in("zh").items():
        assert numbers(chinese) >= numbers(re.sub(r"in 3 colours|Dense \d+", "", english)) - Counter("1"), (
            english
        )


@pytest.fixture
def folder(tmp_path):
    import shutil

    return Path(shutil.copytree(BUILT_IN_ASSIGNMENTS / "traffic-dense", tmp_path / "traffic-dense"))


def test_what_a_translation_says_decides_no_verdict(folder):
    before = load_assignment(folder)[0].version
    (folder / "zh.yaml").unlink()
    (folder / "statement.zh.md").unlink()
    alone = load_assignment(folder)[0]
    assert alone.version == before
    assert alone.title_in("zh") == alone.title
    assert alone.statement_in("zh") == alone.statement


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("layer_order:", "layer_ordre:", "no such check; did you mean 'layer_order'"),
        ('  accurate: "3', '  # accurate: "3', "accurate has no title here"),
        ("title:", "titel:", "unknown key 'titel'"),
    ],
)
def test_a_slip_in_a_translation_is_refused_by_name(folder, old, new, words):
    path = folder / "zh.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(AuthorError, match=r"zh\.yaml") as caught:
        load_assignment(folder)
    assert words in str(caught.value)
