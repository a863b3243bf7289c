"""What a file is that is no Python code, by the bytes that its kind begins with."""

from __future__ import annotations

import re

_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "kind_pdf"),
    (b"PK\x03\x04", "kind_zip"),
    (b"PK\x05\x06", "kind_zip"),
    (b"PK\x07\x08", "kind_zip"),
    (b"\x89HDF\r\n\x1a\n", "kind_hdf5"),
    (b"\x1f\x8b", "kind_gzip"),
    (b"\xfd7zXZ\0", "kind_packed"),
    (b"\x28\xb5\x2f\xfd", "kind_packed"),
    (b"\x89PNG", "kind_png"),
    (b"\xff\xd8\xff", "kind_jpeg"),
    (b"GIF87a", "kind_gif"),
    (b"GIF89a", "kind_gif"),
    (b"II*\0", "kind_tiff"),
    (b"MM\0*", "kind_tiff"),
    (b"\0\0\x01\0", "kind_icon"),
    (b"\x7fELF", "kind_program"),
    (b"Rar!", "kind_rar"),
    (b"7z\xbc\xaf", "kind_7z"),
    (b"\xd0\xcf\x11\xe0", "kind_office"),
    (b"SQLite format 3", "kind_sqlite"),
    (b"{\\rtf", "kind_rtf"),
    (b"\x93NUMPY", "kind_numpy"),
    (b"ID3\x03", "kind_sound"),
    (b"ID3\x04", "kind_sound"),
    (b"OggS\0", "kind_sound"),
    (b"\x1aE\xdf\xa3", "kind_video"),
)
_LOOKS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"RIFF.{3}[\0-\x0f]WEBP", re.DOTALL), "kind_webp"),
    (re.compile(rb"RIFF.{3}[\0-\x0f]WAVE", re.DOTALL), "kind_sound"),
    (re.compile(rb"RIFF.{3}[\0-\x0f]AVI ", re.DOTALL), "kind_video"),
    # Variables may be called BM and MZ: what follows in a file of that kind is not in a text.
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "kind_bmp"),
    (re.compile(rb"MZ[^\n]{0,62}\0", re.DOTALL), "kind_program"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "kind_packed"),
    (re.compile(rb".{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), "kind_heic"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "kind_avif"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "kind_video"),
    (re.compile(rb"\x80[\x02-\x05]"), "kind_pickle"),
    (re.compile(rb".{257}ustar", re.DOTALL), "kind_tar"),
    (re.compile(rb"\s*<(?:!doctype html|html|\?xml|svg)[\s>]", re.IGNORECASE), "kind_web_page"),
)
_PYC_TAIL = b"\r\n"
_SHOWS_ITSELF = 512


def kind_of(data: bytes, file_name: str = "") -> str | None:
    """The code of the phrase for a file of another kind; None for what may be code."""
    for start, kind in _BEGINS:
        if data.startswith(start):
            return kind
    for looks, kind in _LOOKS:
        if looks.match(data[:_SHOWS_ITSELF]):
            return kind
    if file_name.lower().endswith(".pyc") or (data[2:4] == _PYC_TAIL and b"\0" in data[:16]):
        return "kind_pyc"
    return None
