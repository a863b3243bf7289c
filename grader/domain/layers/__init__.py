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
    "Lambda": "advice_lambda",
    "EinsumDense": "advice_einsum",
    "SpectralNormalization": "advice_spectral",
    "Dot": "advice_dot",
    "Masking": "advice_masking",
    "Normalization": "advice_normalization",
    "RMSNormalization": "advice_rms",
    "Resizing": "advice_resizing",
    "CenterCrop": "advice_crop",
    "MaxNumBoundingBoxes": "advice_boxes",
    "Conv3DTranspose": "advice_conv3d_transpose",
    "Cropping3D": "advice_crop",
    "ZeroPadding3D": "advice_padding3d",
    "UpSampling3D": "advice_upsampling3d",
    "SpatialDropout3D": "advice_spatial_dropout3d",
    "ReversibleEmbedding": "advice_embedding",
    "Embedding": "advice_embedding",
    **dict.fromkeys(
        ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
        "advice_foreign",
    ),
    **dict.fromkeys(
        (
            "RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional",
            "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells", "TimeDistributed", "Wrapper",
        ),
        "advice_recurrent",
    ),
    **dict.fromkeys(
        ("Attention", "AdditiveAttention", "MultiHeadAttention", "MultiHeadDotProductAttention",
         "GroupQueryAttention", "GroupedQueryAttention"),
        "advice_attention",
    ),
    **dict.fromkeys(
        ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization", "Hashing", "HashedCrossing",
         "CategoryEncoding", "Discretization", "STFTSpectrogram", "MelSpectrogram"),
        "advice_preparing",
    ),
    **dict.fromkeys(
        ("Pipeline", "FeatureSpace", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "AugMix", "CutMix", "Equalization", "MixUp", "RandAugment",
         "RandomApply", "RandomBrightness", "RandomChoice", "RandomColorDegeneration", "RandomColorJitter",
         "RandomContrast", "RandomCrop", "RandomCutOut", "RandomElasticTransform", "RandomErasing", "RandomFlip",
         "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
         "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
         "RandomTranslation", "RandomZoom", "Solarization"),
        "advice_augmenting",
    ),
    **dict.fromkeys(
        [f"Adaptive{how}Pooling{rank}D" for how in ("Average", "Max") for rank in (1, 2, 3)],
        "advice_adaptive",
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
