"""The hostile cases: a file that is handed in, and beside it a side-car of the same stem that says what may come of it.

Nothing here runs or imports a case: its bytes are read and handed on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.domain.errors import AuthorError, Reason
from grader.domain.report import Report, Verdict
from grader.strict_yaml import Read, read_yaml

ROOT = Path(__file__).resolve().parents[2]
FORMAT = 1
CASES = ROOT / "reference_solutions" / "hostile"
CANARIES = ("environment", "host_files", "neighbour", "checks", "data")
TWINS = ("honest", "frozen")


@dataclass(frozen=True)
class Allowed:
    """One verdict that a case may get; `score` is the most points that it may come with."""

    verdict: Verdict
    reason: Reason | None = None
    score: float = 0.0

    def admits(self, report: Report) -> bool:
        """Whether a report is this verdict, for this reason, with no more points."""
        same = (report.verdict, report.reason) == (self.verdict, self.reason)
        return same and report.score is not None and report.score <= self.score


@dataclass(frozen=True)
class Piece:
    """A part of an upload that is made up: text or bytes in hexadecimal, several times."""

    text: str = ""
    hex: str = ""
    times: int = 1

    @property
    def data(self) -> bytes:
        """The bytes."""
        return (self.text.encode() + bytes.fromhex(self.hex)) * self.times


@dataclass(frozen=True)
class SideCar:
    """What a side-car says.

    `same_as` names the honest twin whose layers, score and training the report must show. `beside` asks for an
    honest submission at the same time. `content` stands for a file where there is none. `times` hands it in so often in
    a row, for an attack that is prepared by one submission and made by the next. `most_accuracy` is the best that a run
    of its training may show. `allowed_uncounted` is what may come of it besides where no control group counts.
    `in_turn`: it attacks what reads its words or its own process, not the sandbox; one sandbox tries it, each the next.
    """

    format: int
    catalogue: tuple[str, ...]
    tries: str
    allowed: tuple[Allowed, ...]
    assignment: str = "hostile-shape"
    upload_name: str = ""
    canaries: tuple[str, ...] = ()
    same_as: str | None = None
    beside: bool = False
    content: tuple[Piece, ...] = ()
    times: int = 1
    most_accuracy: float = 1.0
    allowed_uncounted: tuple[Allowed, ...] = ()
    in_turn: bool = False


@dataclass(frozen=True)
class Case:
    """One attack: its folder and name, what is handed in under which name, and its side-car."""

    name: str
    side_car: SideCar
    template: bytes

    @property
    def upload_name(self) -> str:
        """The name of the file as the student's browser sends it."""
        return self.side_car.upload_name or "submission.py"

    def data(self, places: Mapping[str, str]) -> bytes:
        """The upload, with what an attacker may have found out about this machine filled in."""
        found = self.template
        for word, value in places.items():
            found = found.replace(f"__{word}__".encode(), value.encode())
        return found

    def allows(self, report: Report, *, counted: bool = True) -> bool:
        """Whether the side-car admits a report; `counted`: by a sandbox whose control group counts memory and processes."""
        more = () if counted else self.side_car.allowed_uncounted
        return any(allowed.admits(report) for allowed in (*self.side_car.allowed, *more))


def is_its_turn(case: Case, backend: str, backends: Sequence[str], cases: Sequence[Case]) -> bool:
    """Whether a case is tried on a backend: all are, but those whose turn it is elsewhere."""
    if not case.side_car.in_turn:
        return True
    turns = [each.name for each in cases if each.side_car.in_turn]
    return backends[turns.index(case.name) % len(backends)] == backend


def load_cases(folder: Path = CASES) -> Iterator[Case]:
    """Every case below a folder, by name. AuthorError for a side-car without a file, and a file without a side-car."""
    side_cars = sorted(folder.rglob("*.yaml"))
    uploads = {path.with_suffix(".yaml"): path for path in folder.rglob("*") if _is_upload(path)}
    lonely = sorted(uploads.keys() - set(side_cars))
    if lonely:
        detail = f"{uploads[lonely[0]]}: there is no side-car beside it"
        raise AuthorError(detail)
    for path in side_cars:
        yield _case(path, uploads.get(path), str(path.relative_to(folder).with_suffix("")))


def _is_upload(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".yaml", ".md"} and "__pycache__" not in path.parts


def _case(path: Path, upload: Path | None, name: str) -> Case:
    read = read_yaml(path, SideCar, FORMAT)
    _verify(read, upload)
    found = read.value
    content = upload.read_bytes() if upload else b"".join(piece.data for piece in found.content)
    return Case(name.replace(os.sep, "/"), found, content)


def _verify(read: Read[SideCar], upload: Path | None) -> None:
    found = read.value
    demands = (
        ("catalogue", found.catalogue, "which of the catalogue's entries, or `new`"),
        ("tries", found.tries.endswith("."), "a sentence"),
        ("allowed", found.allowed, "at least one verdict"),
        ("allowed", all(map(_makes_sense, (*found.allowed, *found.allowed_uncounted))), "invalid has a reason and no points; nothing else has a reason"),
        ("times", found.times in (1, 2), "once or twice"),
        ("canaries", set(found.canaries) <= set(CANARIES), f"known are {CANARIES}"),
        ("same_as", found.same_as in (None, *TWINS), f"known are {TWINS}"),
        ("content", (upload is None) == bool(found.content), "either a file or `content`"),
    )  # fmt: skip
    for key, met, detail in demands:
        if not met:
            raise read.refuse(key, detail)


def _makes_sense(allowed: Allowed) -> bool:
    if allowed.verdict is Verdict.INVALID:
        return allowed.reason is not None and allowed.score == 0
    return allowed.reason is None and allowed.verdict is not Verdict.GRADER_ERROR
