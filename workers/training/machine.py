"""What a training runs on: the processor and its sets of instructions, by which libraries choose their kernels."""

from __future__ import annotations

import platform
import re
from pathlib import Path

FEATURES = re.compile(r"(sse|ssse|avx|amx|fma|f16c|bmi|neon|asimd|sve|sme|bf16|fp16|fphp)\w*")
"""Of a processor's flags, those that change which kernels run."""

CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """`python`, `cpu` and `cpu_features`: words with spaces between, empty where the machine does not tell."""
    told = _first_processor()
    name = told.get("model name") or told.get("CPU part") or platform.processor() or platform.machine()
    flags = (told.get("flags") or told.get("Features") or "").split()
    features = sorted(flag for flag in flags if FEATURES.fullmatch(flag))
    return {"python": platform.python_version(), "cpu": name, "cpu_features": " ".join(features)}


def _first_processor() -> dict[str, str]:
    try:
        text = CPUINFO.read_text("utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}
