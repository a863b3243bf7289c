from __future__ import annotations

from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from grader.cli import COMMANDS, LazyGroup, cli, how_to_install


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_helps(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def walk(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            found += walk(sub, f"{path} {name}")
    return found


def test_every_command_and_option_says_what_it_does() -> None:
    for name, (target, _) in COMMANDS.items():
        module, _, attribute = target.partition(":")
        for path, command in walk(getattr(import_module(module), attribute), name):
            assert command.help, path


def test_a_package_without_its_extra_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def load(self) -> None:
            raise ModuleNotFoundError("No module named 'yaml'", name="yaml")

    monkeypatch.setattr("grader.cli.entry_points", lambda group: [Entry()])
    group = LazyGroup("g")
    context = click.Context(group)
    assert set(group.list_commands(context)) == set(COMMANDS)
    with pytest.raises(click.UsageError, match=r"keras-grader\[check\]"):
        group.get_command(context, "verify")


def test_a_package_adds_its_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def load(self) -> object:
            return lambda group: group.add_command(click.Command("more", help="More."))

    monkeypatch.setattr("grader.cli.entry_points", lambda group: [Entry()])
    group = LazyGroup("g")
    assert "more" in group.list_commands(click.Context(group))


@pytest.mark.parametrize(
    ("module", "word"), [("celery.app", "[server]"), ("yaml", "[check]"), ("fcntl", "may not run")]
)
def test_how_to_install(module: str, word: str) -> None:
    assert word in how_to_install(ModuleNotFoundError(name=module))
