"""MNIST, functional API. Python 3.10+, sorry."""
from __future__ import annotations

from typing import Literal, TypeAlias

import keras
from keras import KerasTensor as Tensor, layers
import wandb

Kind: TypeAlias = Literal["plain", "compiled"]
SIZES: dict[str, int] = {"dense_1": 64, "dense_2": 64}
wandb.init(project="mnist", config=SIZES)


def _hidden(x: Tensor, /) -> Tensor:
    for name, units in SIZES.items():
        x = layers.Dense(units, activation="relu", name=name)(x)
    return x


def get_uncompiled_model() -> keras.Model:
    digits = keras.Input((784,), name="digits")
    return keras.Model(digits, layers.Dense(10, activation="softmax", name="predictions")(_hidden(digits)))


def get_compiled_model() -> keras.Model:
    (model := get_uncompiled_model()).compile(
        optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
    )
    return model


def make(kind: Kind) -> keras.Model:
    match kind:
        case "plain":
            return get_uncompiled_model()
        case "compiled":
            return get_compiled_model()
        case _:
            raise ValueError(f"{kind=}")


if __name__ == "__main__":
    print(f"{make('compiled').count_params():_}")
    make("both")
