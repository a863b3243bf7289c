"""`full_disk.py FOLDER`, as root of a mount namespace of its own: a site whose small disk is full, and then is not.

Prints what was answered, as JSON; the disk goes with the namespace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.domain.course import CountingRule, Role
from grader.settings import load_settings
from grader.web import create_app
from grader.web.current import EXTENSION
from grader.wiring import Wiring
from tests.integration.service_process import Shelf

MIB = 1024 * 1024
SIZE = 48 * MIB


def main(folder: Path) -> dict[str, Any]:
    """What a program and an orchestrator are told before, meanwhile and afterwards."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], check=True)
    settings = load_settings({}, data_dir=folder)
    upgrade(Wiring(settings).database)
    app = create_app(settings, parts := Wiring(settings, Shelf()))
    assert app.extensions[EXTENSION] is parts
    course = parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, ["slow"])
    student = parts.accounts.create("ada@example.edu", "Ada")
    assert course is not None
    parts.courses.set_role(course.id, student.id, Role.STUDENT)
    token = parts.accounts.issue_token(student.id, "t", utc_now())[0]

    def told(key: str) -> dict[str, Any]:
        client = app.test_client()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        words = {"assignment": "slow", "source": "x = 1\n" * 20_000}
        sent = client.post("/api/v1/submissions", json=words, headers=headers)
        health = client.get("/health").get_json()
        return {
            "status": sent.status_code,
            "again": sent.headers.get("Retry-After"),
            "id": sent.get_json().get("id"),
            "disk": health["disk"],
            "ready": health["ready"],
        }

    answers = {"before": told("first")}
    filler = folder / "filler"
    fill(filler)
    answers["meanwhile"] = told("second")
    filler.unlink()
    answers["after"], answers["repeated"] = told("second"), told("second")
    unfinished = [path.name for path in (folder / "queue" / "claimed").iterdir()]
    return answers | {"unfinished": unfinished}


def fill(path: Path) -> None:
    """To the last byte."""
    with path.open("wb", buffering=0) as file:
        size = MIB
        while size:
            try:
                file.write(os.urandom(size))
            except OSError:
                size //= 2


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
