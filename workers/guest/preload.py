"""The libraries that every submission imports, loaded once, before there is any student code.

No TensorFlow operation may run here: a process that has run one cannot be forked without hanging.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path


def settings(folder: str) -> dict[str, str]:
    """The whole environment of a process here; everything that is written goes below `folder`."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "KERAS_HOME": f"{folder}/.keras",
        "MPLCONFIGDIR": f"{folder}/.matplotlib",
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        # Threads would grow with the cores of the machine, and processes are limited.
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_NUM_INTEROP_THREADS": "2",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        # Processes are few here and find no libraries: what asks joblib for all cores gets this one.
        "JOBLIB_MULTIPROCESSING": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def use_environment(folder: str) -> None:
    """Replace the environment by our own, for this process and all that it starts."""
    os.environ.clear()
    os.environ.update(settings(folder))


def libraries(scratch: Path) -> dict[str, str]:
    """Load the libraries of a supervisor; returns their versions. `scratch` must be writable."""
    folder = scratch / ".supervisor"
    folder.mkdir(mode=0o700, exist_ok=True)
    use_environment(str(folder))
    # Modules only add objects: looking through all of them again and again takes a tenth of the time.
    gc.disable()
    imports()
    gc.enable()
    gc.collect()
    gc.freeze()
    return versions()


def imports() -> dict[str, str]:
    """Import numpy, TensorFlow, Keras and the description; returns versions."""
    for name in ("numpy", "tensorflow", "keras"):
        importlib.import_module(name)
    importlib.import_module(".describe", __package__)
    return versions()


def versions() -> dict[str, str]:
    """Versions of the libraries that are loaded; empty where none is."""
    loaded = ((name, sys.modules.get(name)) for name in ("keras", "tensorflow", "numpy"))
    return {name: str(getattr(module, "__version__", "")) for name, module in loaded if module is not None}
