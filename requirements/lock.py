"""Renews requirements/*.lock: names, versions and hashes, no addresses.

    python requirements/lock.py            resolve again; a pin that still fits stays
    python requirements/lock.py --upgrade  the newest version of everything

One set of files for every Python and processor below: uv resolves for all of them at once and takes the hashes of all of a
release's files. dev.lock holds all; client, guest, worker and server are what each image or machine needs of it. uv comes
into an environment that goes away.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
SUBSETS = {
    "client": (),
    "guest": ("guest",),
    "worker": ("guest", "worker"),
    "server": ("server",),
}
ALL_EXTRAS = ("guest", "worker", "server")
BUILD = ["setuptools>=77", "wheel"]
OLDEST, TOO_NEW = "3.11", "3.14"
"""Pythons: the one of Debian 12, and the first for which TensorFlow 2.21 has no wheel."""
EVERYWHERE = (
    f"python_full_version < '{TOO_NEW}' and implementation_name == 'cpython' and "
    "platform_python_implementation == 'CPython' and sys_platform == 'linux'"
)
"""As uv writes it; nobody needs to read it at every pin."""
# `required` is what a package without source must have a wheel for.
PLATFORMS = f"""
[tool.uv]
environments = ["{EVERYWHERE}"]
required-environments = [
    "sys_platform == 'linux' and platform_machine == 'x86_64'",
    "sys_platform == 'linux' and platform_machine == 'aarch64'",
]
"""
OPTIONS = ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]


def main(options: list[str]) -> None:
    """Write dev.lock, and the others as parts of it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pyproject.toml").write_text(PLATFORMS, "utf-8")
        venv.create(place / "venv", with_pip=True)
        python = str(place / "venv" / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        resolve = [python, "-m", "uv", "pip", "compile", *OPTIONS, "--python-version", OLDEST]
        everything = wanted(ALL_EXTRAS) + PROJECT["dependency-groups"]["dev"] + BUILD
        write(place, [*resolve, *options], "dev", everything)
        for subset, extras in SUBSETS.items():
            build = BUILD if subset in {"worker", "server"} else []
            pinned = ["--constraints", str(HERE / "dev.lock"), "--upgrade"]
            write(place, [*resolve, *pinned], subset, wanted(extras) + build)


def wanted(extras: tuple[str, ...]) -> list[str]:
    """Requirements of the project with these extras, without references to itself."""
    base = [] if extras == ("guest",) else list(PROJECT["project"]["dependencies"])
    own = [line for extra in extras for line in EXTRAS[extra] if not line.startswith("keras-grader")]
    return base + own


def write(place: Path, resolve: list[str], name: str, requirements: list[str]) -> None:
    """Resolve requirements into NAME.lock."""
    (place / "wanted.in").write_text("\n".join(requirements), "utf-8")
    lock = HERE / f"{name}.lock"
    command = [*resolve, "--output-file", str(lock), "wanted.in"]
    subprocess.run(command, check=True, cwd=place, stdout=subprocess.DEVNULL)
    pins = lock.read_text("utf-8").replace(f" ; {EVERYWHERE}", "")
    lock.write_text(pins, "utf-8")
    print(f"{lock.name}: {len(re.findall(r'(?m)^[a-z0-9]', pins))} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
