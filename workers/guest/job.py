"""A job as the host sends it. The host is trusted; what is missing or of a wrong type raises at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRELOAD_MIB = 640


@dataclass(frozen=True)
class Limits:
    """What one job may use; CPU and wall clock in seconds, after the imports of ours."""

    cpu_seconds: float
    wall_seconds: float
    memory_mib: int
    processes: int
    disk_mib: int
    kept_output_bytes: int
    output_bytes: int
    description_bytes: int


@dataclass(frozen=True)
class Part:
    """One model to hand in: the names to look for, in order, and the arguments to call a function with.

    With a `probe` it is no model but a function or class to run, on the inputs that the probe holds.
    """

    name: str
    wanted: str
    arguments: tuple[object, ...]
    other_functions: tuple[str, ...]
    variables: tuple[str, ...]
    input_shape: tuple[int, ...]
    probe: dict[str, Any] | None = None
    argument_names: tuple[str, ...] = ()

    @property
    def functions(self) -> tuple[str, ...]:
        """The names a function may have, the wanted one first."""
        return (self.wanted, *self.other_functions)


@dataclass(frozen=True)
class Job:
    """A student's source and what to make of it; no parts means: run it as a script.

    `at_home`: without a sandbox, on the student's own machine, in the folder where the file lies. A script ends there
    where Python ends it, and nothing of the student's is written to.
    `upto`: an earlier run of it was cut off by a limit after so many statements.
    """

    nonce: str
    source: str
    parts: tuple[Part, ...]
    limits: Limits
    preload: bool
    at_home: bool = False
    upto: int | None = None


def _tuples(value: object) -> object:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _part(data: dict[str, Any]) -> Part:
    entry = data["entry_point"]
    return Part(
        name=data["name"],
        wanted=entry["name"],
        arguments=tuple(_tuples(value) for value in entry["arguments"]),
        other_functions=tuple(entry["other_functions"]),
        variables=tuple(entry["variables"]),
        input_shape=tuple(data["input_shape"]),
        probe=data.get("probe"),
        argument_names=tuple(entry.get("argument_names", ())),
    )


def parse(frame: dict[str, Any]) -> Job:
    """Read a job frame; JSON lists become tuples."""
    if frame["format"] != 1:
        raise ValueError(f"job format {frame['format']}")
    return Job(
        nonce=frame["job"],
        source=frame["source"],
        parts=tuple(_part(part) for part in frame["parts"]),
        limits=Limits(**frame["limits"]),
        preload=frame["preload"],
        at_home=frame.get("at_home") is True,
        upto=frame.get("upto"),
    )
