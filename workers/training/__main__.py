"""`python -m workers.training FOLDER`: the trainer process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from workers.training.train import run

    run(Path(sys.argv[1]))
