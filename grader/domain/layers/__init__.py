"""The layers that are graded, named as in Keras. What is not listed here is refused by name."""

from __future__ import annotations

from grader.domain.layers.activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from grader.domain.layers.base import Layer, Shape, ShapeError, Weights, size_of
from grader.domain.layers.convolution import Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3D
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
from grader.domain.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    UnitNormalization,
)
from grader.domain.layers.option import BadOption, OwnFunction
from grader.domain.layers.padding import (
    Cropping1D,
    Cropping2D,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from grader.domain.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from grader.domain.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Disturbing,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
)
from grader.domain.layers.separable import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        InputLayer, Dense, Activation, Flatten, Reshape, Permute, RepeatVector, Identity, Rescaling,
        Conv1D, Conv2D, Conv3D, Conv1DTranspose, Conv2DTranspose,
        DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D,
        MaxPooling1D, MaxPooling2D, MaxPooling3D, AveragePooling1D, AveragePooling2D, AveragePooling3D,
        GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D,
        GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
        BatchNormalization, LayerNormalization, GroupNormalization, UnitNormalization,
        Dropout, AlphaDropout, SpatialDropout1D, SpatialDropout2D, GaussianNoise, GaussianDropout,
        ActivityRegularization,
        ReLU, LeakyReLU, ELU, Softmax, PReLU,
        Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate,
        ZeroPadding1D, ZeroPadding2D, Cropping1D, Cropping2D, UpSampling1D, UpSampling2D,
    )
}  # fmt: skip

ADVICE: dict[str, str] = {
    "Lambda": "A Lambda holds code that cannot be checked: use a layer such as Activation, Rescaling or Reshape.",
    "EinsumDense": "Use Dense, with Permute or Reshape around it.",
    "SpectralNormalization": "Use a kernel_constraint such as MaxNorm, or BatchNormalization.",
    "Dot": "Use Multiply and then a Dense or a pooling layer.",
    "Masking": "Nothing is masked in pictures: leave it out.",
    "Normalization": "Use Rescaling or BatchNormalization; the pictures are scaled already.",
    "RMSNormalization": "Use LayerNormalization or BatchNormalization.",
    "Resizing": "Pictures come in one size: use UpSampling2D, Cropping2D or a pooling layer.",
    "CenterCrop": "Use Cropping2D.",
    "MaxNumBoundingBoxes": "There are no boxes in these exercises: leave it out.",
    "Conv3DTranspose": "Use UpSampling2D and Conv2D, or Conv2DTranspose.",
    "Cropping3D": "Use Cropping2D.",
    "ZeroPadding3D": "Use ZeroPadding2D, or padding='same' in Conv3D.",
    "UpSampling3D": "Use UpSampling2D.",
    "SpatialDropout3D": "Use Dropout.",
    "ReversibleEmbedding": "Embedding looks up words; pictures go into Conv2D, Flatten or Dense.",
    "Embedding": "Embedding looks up words; pictures go into Conv2D, Flatten or Dense.",
    **dict.fromkeys(
        ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
        "It holds a model that was made elsewhere: build the layers yourself.",
    ),
    **dict.fromkeys(
        (
            "RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional",
            "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells", "TimeDistributed", "Wrapper",
        ),
        "Recurrent layers are not part of these exercises: use Conv1D, Conv2D or Dense.",
    ),
    **dict.fromkeys(
        ("Attention", "AdditiveAttention", "MultiHeadAttention", "MultiHeadDotProductAttention",
         "GroupQueryAttention", "GroupedQueryAttention"),
        "Attention is not part of these exercises: use convolutions, pooling and Dense.",
    ),
    **dict.fromkeys(
        ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization", "Hashing", "HashedCrossing",
         "CategoryEncoding", "Discretization", "STFTSpectrogram", "MelSpectrogram"),
        "It prepares words, sounds or tables; pictures come in as numbers: leave it out.",
    ),
    **dict.fromkeys(
        ("Pipeline", "FeatureSpace", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "AugMix", "CutMix", "Equalization", "MixUp", "RandAugment",
         "RandomApply", "RandomBrightness", "RandomChoice", "RandomColorDegeneration", "RandomColorJitter",
         "RandomContrast", "RandomCrop", "RandomCutOut", "RandomElasticTransform", "RandomErasing", "RandomFlip",
         "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
         "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
         "RandomTranslation", "RandomZoom", "Solarization"),
        "Every model here trains on the same pictures: leave it out, and use Dropout against learning by heart.",
    ),
    **dict.fromkeys(
        [f"Adaptive{how}Pooling{rank}D" for how in ("Average", "Max") for rank in (1, 2, 3)],
        "Use MaxPooling2D, AveragePooling2D or GlobalAveragePooling2D.",
    ),
}  # fmt: skip
"""What to use in place of a layer that is refused by name."""

__all__ = [
    "ADVICE",
    "ELU",
    "LAYERS",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BadOption",
    "BatchNormalization",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Disturbing",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "Identity",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
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
    "SeparableConv1D",
    "SeparableConv2D",
    "Shape",
    "ShapeError",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "Weights",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "size_of",
]
