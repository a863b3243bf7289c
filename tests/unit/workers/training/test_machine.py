from __future__ import annotations

import platform

from workers.training import machine as module
from workers.training.machine import machine


def test_the_processor_and_what_it_can_do(tmp_path, monkeypatch):
    told = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx2 sse4_1 avx512f hypervisor fma\n\nprocessor\t: 1\n"
    (tmp_path / "cpuinfo").write_text(told)
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "cpuinfo")
    assert machine() == {
        "python": platform.python_version(),
        "cpu": "Some CPU",
        "cpu_features": "avx2 avx512f fma sse4_1",
    }


def test_a_machine_that_does_not_tell(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "nothing")
    assert machine()["cpu_features"] == ""
    assert machine()["cpu"]
