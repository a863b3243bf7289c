"""A client of Docker's protocol whose containers have masked paths: the SDK has no word for that list."""

from __future__ import annotations

from typing import Any

import docker

from . import load


class MaskingClient(docker.DockerClient):
    """As the SDK's, but that every container it makes has no contents at `load.MASKED`."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `docker.DockerClient`."""
        super().__init__(**options)
        self.api.close()
        self.api = _MaskingApi(**options)


class _MaskingApi(docker.APIClient):
    def create_container_from_config(self, config: dict[str, Any], *others: Any, **named: Any) -> Any:
        config["HostConfig"]["MaskedPaths"] = list(load.MASKED)
        return super().create_container_from_config(config, *others, **named)  # type: ignore[no-untyped-call]
