"""One Docker engine and one set of images for all tests that need them."""

from __future__ import annotations

from tests.engine import engine, guest_image, guest_service, images, podman

__all__ = ["engine", "guest_image", "guest_service", "images", "podman"]
