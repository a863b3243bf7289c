"""The layers that are graded, named as in Keras. What is not listed here is refused by name."""

from __future__ import annotations

from grader.domain.layers.activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from grader.domain.layers.base import Layer, Shape, ShapeError, Weights, size_of
from grader.domain.layers.convolution import Conv1D, Conv2D, DepthwiseConv2D, SeparableConv2D
from grader.domain.layers.core import (
    Activation,
    Dense,
    Flatten,
    Identity,
    InputLayer,
    Permute,
    RepeatVector,
    Rescaling,
    Reshape,
)
from grader.domain.layers.merging import Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract
from grader.domain.layers.normalization import BatchNormalization, LayerNormalization, UnitNormalization
from grader.domain.layers.option import BadOption, OwnFunction
from grader.domain.layers.padding import Cropping2D, UpSampling2D, ZeroPadding2D
from grader.domain.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from grader.domain.layers.regularization import Dropout, GaussianDropout, GaussianNoise, SpatialDropout2D

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        InputLayer, Dense, Activation, Flatten, Reshape, Permute, RepeatVector, Identity, Rescaling,
        Conv1D, Conv2D, DepthwiseConv2D, SeparableConv2D,
        MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D,
        GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalAveragePooling1D, GlobalAveragePooling2D,
        BatchNormalization, LayerNormalization, UnitNormalization,
        Dropout, SpatialDropout2D, GaussianNoise, GaussianDropout,
        ReLU, LeakyReLU, ELU, Softmax, PReLU,
        Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate,
        ZeroPadding2D, Cropping2D, UpSampling2D,
    )
}  # fmt: skip

ADVICE: dict[str, str] = {
    "Lambda": "A Lambda holds code that cannot be checked: use a layer such as Activation, Rescaling or Reshape.",
    "TFSMLayer": "It loads a model from a file: build the layers yourself.",
    "TorchModuleWrapper": "It holds another library's model: build the layers yourself.",
    "JaxLayer": "It holds another library's model: build the layers yourself.",
    "FlaxLayer": "It holds another library's model: build the layers yourself.",
    "Normalization": "Use Rescaling or BatchNormalization; the pictures are scaled already.",
    "RNN": "Recurrent layers are not part of these exercises.",
    "LSTM": "Recurrent layers are not part of these exercises.",
    "GRU": "Recurrent layers are not part of these exercises.",
    "SimpleRNN": "Recurrent layers are not part of these exercises.",
}
"""What to use in place of a layer that is refused by name."""

__all__ = [
    "ADVICE",
    "ELU",
    "LAYERS",
    "Activation",
    "Add",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "BadOption",
    "BatchNormalization",
    "Concatenate",
    "Conv1D",
    "Conv2D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "Identity",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "OwnFunction",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SeparableConv2D",
    "Shape",
    "ShapeError",
    "Softmax",
    "SpatialDropout2D",
    "Subtract",
    "UnitNormalization",
    "UpSampling2D",
    "Weights",
    "ZeroPadding2D",
    "size_of",
]
