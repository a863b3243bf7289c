"""Which tests stay in one process when several share them: those of a file, and all that need a container engine.

pytest-xdist's own `loadgroup` would be asked for this by marks, but with pytest 9.2 it silently groups nothing (its issue
1386). So its scheduler by scope is told what a scope is; all that it knows of a test is its id.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ENGINE = "engine"
ENGINE_FILES = (
    "tests/integration/test_compose.py",
    "tests/sandbox/test_containers.py",
    "tests/sandbox/test_fallbacks.py",
    "tests/sandbox/test_self_test.py",
)
ENGINE_BACKENDS = ("docker", "podman", "unix")


def needs_engine(test: str) -> bool:
    """Whether the test of this id asks for an engine itself, or runs on a backend that does."""
    file, _, name = test.partition("::")
    if file in ENGINE_FILES:
        return True
    backend = name.partition("[")[2]
    in_a_sandbox = file.startswith(("tests/sandbox/", "tests/hostile/"))
    return in_a_sandbox and (
        backend.startswith(ENGINE_BACKENDS) or any(f"-{name}-" in backend for name in ENGINE_BACKENDS)
    )


class Sharing(LoadScopeScheduling):
    """xdist's scheduler by scope, with our scopes."""

    def _split_scope(self, nodeid: str) -> str:
        return ENGINE if needs_engine(nodeid) else nodeid.partition("::")[0]
