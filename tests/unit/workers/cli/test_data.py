"""`grader data import` warns of data on which chance would decide."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from grader.domain.report import DatasetStamp
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.calibration.record import Record, read_record, write_record
from workers.calibration.tail import Estimate
from workers.cli.data import data


@pytest.fixture
def signs(tmp_path):
    paths = []
    for part, times in (("train", 20), ("test", 4)):
        labels = np.tile(np.arange(1, 6, dtype=np.uint8), times)
        pictures = np.random.default_rng(times).integers(0, 256, (len(labels), 32, 32, 3), dtype=np.uint8)
        paths.append(tmp_path / f"small_{part}_traffic.p")
        paths[-1].write_bytes(pickle.dumps({"features": pictures, "labels": labels}))
    return [str(path) for path in paths]


def test_data_that_a_calibration_speaks_against_are_imported_with_a_warning(tmp_path, signs):
    own = tmp_path / "own"
    shutil.copytree(BUILT_IN_ASSIGNMENTS / "traffic-dense", own / "mine")
    environment = {"GRADER_ASSIGNMENTS_DIR": str(own), "GRADER_DATA_DIR": str(tmp_path / "data")}
    words = ["import", "traffic-signs", *signs]
    first = CliRunner().invoke(data, words, env=environment)
    assert (first.exit_code, "Beware" in first.output) == (0, False), first.output
    sha256 = first.output.split()[-1].rstrip(".")
    measured = read_record(own / "mine").measured[0]
    stamp = DatasetStamp("traffic-signs", "real", sha256)
    write_record(own / "mine", Record((replace(measured, data=stamp, wrong=Estimate(0.1, 0.05, 0.2)),)))
    second = CliRunner().invoke(data, words, env=environment)
    assert second.exit_code == 0
    assert "Beware: mine: model: accepted/" in second.output
    assert "fails with a probability of up to 0.2 on the real data" in second.output
