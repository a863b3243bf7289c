"""The control worker of a service under test, with short waits between tries of a webhook."""

from __future__ import annotations

import runpy
from pathlib import Path

from grader.services.webhook_ports import WebhookPatience

PART = runpy.run_path(str(Path(__file__).with_name("service_process.py")))
PATIENCE = WebhookPatience(delays=(0, 0.5, 0.5, 0.5), jitter=0.0, timeout=5.0, claim=2.0)


def main() -> None:
    """Run until a signal ends it."""
    from grader.settings import load_settings
    from grader.tasks import run_control_worker
    from grader.wiring import Wiring

    run_control_worker(Wiring(load_settings(), PART["Shelf"](), PART["PATIENCE"], PATIENCE))


if __name__ == "__main__":
    main()
