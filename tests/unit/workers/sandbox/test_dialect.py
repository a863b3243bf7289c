from __future__ import annotations

from workers.sandbox import dialect, load, profile

DOCKER = {"Components": [{"Name": "Engine"}, {"Name": "containerd"}]}
PODMAN = {"Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}


def test_docker_takes_the_text_and_limits_files() -> None:
    assert dialect.of(DOCKER) == dialect.Dialect(profile.text(), ",nr_inodes=16384")


def test_podman_takes_a_file() -> None:
    masks = f"mask={':'.join(load.MASKED)}"
    assert dialect.of(PODMAN) == dialect.Dialect(str(profile.PROFILE), "", (masks,))


def test_an_engine_that_says_nothing_is_taken_for_docker() -> None:
    assert dialect.of({}) == dialect.docker()
