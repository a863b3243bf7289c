"""The stand-in for OpenCV gives what the real one gives, as far as it goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from workers.guest.compat import vision


def test_a_picture(tmp_path: Path) -> None:
    shown = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    Image.fromarray(shown).save(tmp_path / "a.png")
    read = vision.imread(tmp_path / "a.png")
    assert (read == shown[..., ::-1]).all()
    assert (vision.convert(read, 1) == shown).all()
    assert (vision.merge(vision.split(read)) == read).all()
    assert (vision.resize(read, (2, 1)) == read[:1, ::2]).all()
    assert vision.convert(read, vision.COLOR_BGR2GRAY).shape == (2, 4)


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no", encoding="utf-8")
    assert vision.imread(tmp_path / "a.txt") is None
    assert vision.imread(tmp_path / "nowhere.tif") is None
