"""What Dense and the plain convolutions share: a kernel, a bias, and how both start and are held in check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Layer, Shape
from grader.domain.layers.option import flag, option, optional
from grader.domain.layers.weighting import GLOROT, ZEROS, Choice, constraint, initializer, regularizer


@dataclass(frozen=True, kw_only=True)
class Kernel(Layer):
    """A layer with a kernel and a bias."""

    use_bias: bool = option(flag, default=True)
    kernel_initializer: Choice = option(initializer, GLOROT)
    bias_initializer: Choice = option(initializer, ZEROS)
    kernel_regularizer: Choice | None = option(optional(regularizer), None)
    bias_regularizer: Choice | None = option(optional(regularizer), None)
    activity_regularizer: Choice | None = option(optional(regularizer), None)
    kernel_constraint: Choice | None = option(optional(constraint), None)
    bias_constraint: Choice | None = option(optional(constraint), None)
    ignored: ClassVar[Mapping[str, Any]] = {
        "lora_rank": None,
        "lora_alpha": None,
        "quantization_config": None,
    }

    def with_bias(self, kernel: Shape) -> Mapping[str, Shape]:
        """The kernel, and one bias per output where there is one; outputs are the kernel's last axis."""
        return {"kernel": kernel, **({"bias": kernel[-1:]} if self.use_bias else {})}
