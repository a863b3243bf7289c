"""Old spellings of modules and names, and what is written today. Plain data: imports nothing.

Places are relative to the package: `layers.core` is `keras.layers.core`, `tensorflow.keras.layers.core` and so on.
"""

from __future__ import annotations

PACKAGES = ("tensorflow.keras", "keras._tf_keras.keras", "keras")
"""The packages that one Keras is reached by; all of them share their classes. The inner ones come first."""

MODULES = {
    "layers.core": "layers",
    "layers.convolutional": "layers",
    "layers.convolutional_recurrent": "layers",
    "layers.pooling": "layers",
    "layers.normalization": "layers",
    "layers.recurrent": "layers",
    "layers.embeddings": "layers",
    "layers.advanced_activations": "layers",
    "layers.merge": "layers",
    "layers.merging": "layers",
    "layers.local": "layers",
    "layers.noise": "layers",
    "layers.wrappers": "layers",
    "layers.experimental": "layers",
    "layers.experimental.preprocessing": "layers",
    "layers.preprocessing": "layers",
    "utils.np_utils": "utils",
    "utils.vis_utils": "utils",
    "utils.visualize_util": "utils",
    "utils.data_utils": "utils",
    "utils.layer_utils": "utils",
    "utils.generic_utils": "utils",
    "utils.io_utils": "utils",
    "utils.training_utils": "utils",
    "engine": "layers",
    "engine.topology": "layers",
    "engine.base_layer": "layers",
    "engine.input_layer": "layers",
    "engine.network": "models",
    "engine.training": "models",
    "engine.sequential": "models",
    "objectives": "losses",
    "backend.tensorflow_backend": "backend",
    "preprocessing.text": "layers",
    "preprocessing.image_dataset": "utils",
    "optimizers.experimental": "optimizers",
    "mixed_precision.experimental": "mixed_precision",
    "initializers.initializers_v1": "initializers",
    "initializers.initializers_v2": "initializers",
}
"""Modules that are gone → where their names live now."""

NAMES: dict[str, dict[str, str]] = {
    "": {"objectives": "losses", "engine": "layers"},
    "layers": {
        "CuDNNLSTM": "layers.LSTM",
        "CuDNNGRU": "layers.GRU",
        "Deconvolution2D": "layers.Conv2DTranspose",
        "BatchNormalizationV2": "layers.BatchNormalization",
        "ThresholdedReLU": "layers.ReLU",
        "Model": "models.Model",
        "Sequential": "models.Sequential",
    },
    "models": {"Input": "layers.Input", "Layer": "layers.Layer", "Network": "models.Model"},
    "optimizers": {
        "sgd": "optimizers.SGD",
        "adam": "optimizers.Adam",
        "adamax": "optimizers.Adamax",
        "adagrad": "optimizers.Adagrad",
        "adadelta": "optimizers.Adadelta",
        "nadam": "optimizers.Nadam",
        "rmsprop": "optimizers.RMSprop",
    },
    "optimizers.legacy": {
        name: f"optimizers.{name}"
        for name in ("SGD", "Adam", "Adamax", "Adagrad", "Adadelta", "Nadam", "RMSprop", "Ftrl")
    },
    "losses": {
        "mse": "losses.mean_squared_error",
        "MSE": "losses.mean_squared_error",
        "mae": "losses.mean_absolute_error",
        "MAE": "losses.mean_absolute_error",
        "kullback_leibler_divergence": "losses.kl_divergence",
        "cosine_proximity": "losses.cosine_similarity",
        "logcosh": "losses.log_cosh",
    },
    "metrics": {
        "mse": "losses.mean_squared_error",
        "mae": "losses.mean_absolute_error",
        "cosine_proximity": "losses.cosine_similarity",
        "kullback_leibler_divergence": "losses.kl_divergence",
    },
    "initializers": {
        "uniform": "initializers.RandomUniform",
        "normal": "initializers.RandomNormal",
        "zero": "initializers.Zeros",
        "one": "initializers.Ones",
    },
    "regularizers": {
        "l1l2": "regularizers.L1L2",
        "activity_l1": "regularizers.L1",
        "activity_l2": "regularizers.L2",
        "WeightRegularizer": "regularizers.L1L2",
    },
    "constraints": {
        "maxnorm": "constraints.MaxNorm",
        "nonneg": "constraints.NonNeg",
        "unitnorm": "constraints.UnitNorm",
    },
    "mixed_precision": {
        "Policy": "mixed_precision.DTypePolicy",
        "set_policy": "mixed_precision.set_global_policy",
        "global_policy": "mixed_precision.dtype_policy",
    },
    "preprocessing": {"text": "preprocessing.text"},
    "utils": {"plot": "utils.plot_model"},
}
"""Names that are gone → the place that has them now."""

GONE = {
    "wrappers.scikit_learn": "keras.wrappers.SKLearnClassifier",
    "wrappers.scikit_learn.KerasClassifier": "keras.wrappers.SKLearnClassifier",
    "wrappers.scikit_learn.KerasRegressor": "keras.wrappers.SKLearnRegressor",
    "layers.Merge": "keras.layers.concatenate([a, b]) or keras.layers.add([a, b])",
    "layers.LocallyConnected1D": "keras.layers.Conv1D",
    "layers.LocallyConnected2D": "keras.layers.Conv2D",
    "layers.MaxoutDense": "keras.layers.Dense",
    "layers.Highway": "keras.layers.Dense",
    "models.Graph": "keras.Model(inputs, outputs)",
    "models.model_from_yaml": "keras.models.model_from_json",
    "utils.HDF5Matrix": "h5py.File",
    "backend.tf": "import tensorflow as tf",
}
"""What has no successor of the same shape → what to write instead."""

ARGUMENTS = {
    "nb_filter": "filters",
    "nb_row": "kernel_size",
    "nb_col": "kernel_size",
    "filter_length": "kernel_size",
    "kernel_dim1": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "pool_length": "pool_size",
    "dim_ordering": "data_format",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "output_dim": "units",
    "p": "rate",
    "sigma": "stddev",
    "gamma_init": "gamma_initializer",
    "beta_init": "beta_initializer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "batch_input_shape": "input_shape",
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "nb_epochs": "epochs",
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "input": "inputs",
    "output": "outputs",
}
"""Old names of arguments → today's."""

METHODS = {
    "predict_classes": "model.predict(x).argmax(axis=-1)",
    "predict_proba": "model.predict(x)",
    "fit_generator": "model.fit(generator)",
    "evaluate_generator": "model.evaluate(generator)",
    "predict_generator": "model.predict(generator)",
    "add_metric": "a keras.metrics.Mean in __init__ and self.mean.update_state(value) in call",
    "to_yaml": "model.to_json()",
    "get_output_at": "layer.output",
    "get_input_at": "layer.input",
    "output_shape": "layer.output.shape",
    "input_shape": "layer.input.shape",
    "uses_learning_phase": "training=True",
}
"""Methods of models and layers that are gone → what to write instead."""

TENSORFLOW = {
    "placeholder": "keras.Input(shape)",
    "Session": "nothing: TensorFlow computes at once",
    "InteractiveSession": "nothing: TensorFlow computes at once",
    "global_variables_initializer": "nothing: variables are ready when they are made",
    "contrib": "keras.layers",
    "layers": "keras.layers",
    "get_variable": "tf.Variable",
    "ConfigProto": "nothing: it is not needed",
    "GPUOptions": "nothing: it is not needed",
    "log": "tf.math.log",
    "random_normal": "tf.random.normal",
    "truncated_normal": "tf.random.truncated_normal",
    "random_uniform": "tf.random.uniform",
    "set_random_seed": "tf.random.set_seed",
    "app": "a plain call of your function",
    "flags": "plain variables",
}
"""Names of TensorFlow 1 → what to write instead."""

OTHER_MODULES = {
    "tensorflow.contrib": "keras.layers",
    "tensorflow.examples": "keras.datasets.mnist",
    "tensorflow.python.keras": "tensorflow.keras",
    "tensorflow_core": "tensorflow",
    "tf_keras": "keras",
    "keras_applications": "keras.applications",
    "keras_preprocessing": "keras.preprocessing",
    "scipy.misc": "PIL.Image",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.externals": "joblib",
}
"""Modules of other libraries that are gone → where to look."""


def today(place: str) -> str | None:
    """Today's spelling for an old dotted place such as `keras.layers.core.Dense`; None when there is none to give."""
    for package in PACKAGES:
        if place.startswith(f"{package}."):
            inside = place[len(package) + 1 :]
            found = GONE.get(inside) or _moved(inside)
            return found and (found if found.startswith(("keras", "import", "h5py")) else f"keras.{found}")
    for module, found in OTHER_MODULES.items():
        if place == module or place.startswith(f"{module}."):
            return found
    if place.startswith("tensorflow."):
        return TENSORFLOW.get(place.partition(".")[2])
    return None


def _moved(inside: str) -> str | None:
    if inside in MODULES:
        return MODULES[inside]
    module, _, name = inside.rpartition(".")
    if module in MODULES:
        return GONE.get(f"{MODULES[module]}.{name}") or _moved(f"{MODULES[module]}.{name}")
    return NAMES.get(module, {}).get(name)
