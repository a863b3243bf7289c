from __future__ import annotations

from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from grader.cli import COMMANDS, EXTRAS, LazyGroup, cli, how_to_install, main


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


def add_package(monkeypatch: pytest.MonkeyPatch, **commands: tuple[str, str]) -> None:
    class Entry:
        def load(self) -> dict[str, tuple[str, str]]:
            return commands

    monkeypatch.setattr("grader.cli.entry_points", lambda group: [Entry()])


def test_a_command_without_its_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_package(monkeypatch, more=("a_module_that_is_not_there:more", "More."))
    monkeypatch.setattr("sys.argv", ["grader", "more"])
    monkeypatch.setitem(EXTRAS, "a_module_that_is_not_there", "check")
    monkeypatch.setattr("grader.cli.cli", LazyGroup("g"))
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "keras-grader[check]" in capsys.readouterr().err


def test_a_package_that_is_not_there_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def load(self) -> None:
            raise ModuleNotFoundError("No module named 'workers'", name="workers")

    monkeypatch.setattr("grader.cli.entry_points", lambda group: [Entry()])
    assert set(LazyGroup("g").list_commands(click.Context(LazyGroup("g")))) == set(COMMANDS)


def test_a_package_adds_its_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    add_package(monkeypatch, more=("grader.cli.operators:db", "More."))
    group = LazyGroup("g")
    context = click.Context(group)
    assert set(group.list_commands(context)) == {*COMMANDS, "more"}
    assert group.get_command(context, "more") is not None
    assert group.get_command(context, "none") is None


@pytest.mark.parametrize(
    ("module", "word"), [("celery.app", "[server]"), ("yaml", "[check]"), ("fcntl", "may not run")]
)
def test_how_to_install(module: str, word: str) -> None:
    assert word in how_to_install(ModuleNotFoundError(name=module))
