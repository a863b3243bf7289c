"""Nothing is missing in a language, and no translation promises what its English does not have."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from grader.language import LANGUAGES, NAMES, TAGS
from grader.locale import renew

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"%\(\w+\)s|\{[^}]*\}")


def sentences(language):
    return [one for one in renew.read(language) if one.id]


def texts(string):
    return list(string) if isinstance(string, list | tuple) else [string]


def has_words(text):
    """Whether there is more than places to fill in."""
    return re.search("[A-Za-z]", PLACE.sub("", text))


def placeholders(text):
    """Names with how they are written, since a number that is none in one language would be one in the other."""
    if "%(" in text:
        return set(re.findall(r"%\((\w+)\)s", text))
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name}


def keys(catalogue):
    return {(one.context, str(one.id)) for one in catalogue if one.id}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_the_catalogue_has_exactly_what_is_said(language):
    wanted, known = keys(renew.wanted()), keys(renew.read(language))
    assert not wanted - known, "run: make words"
    assert not known - wanted, "run: make words"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_sentence_is_translated(language):
    assert not [one.id for one in sentences(language) if one.fuzzy or not all(texts(one.string))]


def test_chinese_is_chinese():
    said = [one for one in sentences("zh") if has_words(texts(one.id)[0])]
    assert len(said) > 400
    assert not [one.id for one in said if not all(CHINESE.search(text) for text in texts(one.string))]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_placeholders_agree(language):
    def differ(one):
        english = placeholders(texts(one.id)[-1])
        return any(placeholders(text) != english for text in texts(one.string))

    assert not [one.id for one in sentences(language) if differ(one)]


def test_every_language_has_a_name_and_a_tag():
    assert set(NAMES) == set(TAGS) == set(LANGUAGES)


_NAMES = """
    AVIF Activation AveragePooling2D BMP BatchNormalization Conv1D Conv2D Conv2DTranspose Conv3D Cropping2D Dense Dropout
    Embedding False Flatten GIF GPU GiB GlobalAveragePooling2D HDF5 HEIC Input JPEG Keras KiB Lambda LayerNormalization MaxNorm
    MaxPooling2D MiB Model Multiply None NumPy Office PDF PNG Permute Python RAR RTF ReLU Rescaling Reshape SQLite SVG
    Sequential TIFF TPU TRAINING True UTF UpSampling2D WebP Word ZIP ZeroPadding2D __init__ accuracy activation assert
    assignment async axis base.layers bias_initializer build call channels_first class coding cp1252 data_format def
    dilation_rate dims evaluate exit features fit float float32 for from_logits grader gzip if in input input_shape keras
    keras.Input keras.layers keras.metrics.Accuracy keras.metrics.Mean keras.ops kernel_constraint kernel_initializer layer
    layer.output logits loss metrics model model.compile model.summary momentum name numpy optimizer outputs padding
    pickle print py quit relu return run_grader same self self.add_loss sigmoid softmax status super tar tf tf.function trainable
    update_state wait yield z self.mean self.mean.update_state keras.layers.add keras.layers.concatenate compile b a training value TensorFlow
"""
NAMES_AND_CODE = frozenset(_NAMES.split())
"""Words that a Chinese sentence may have in our letters: Python's and Keras's own, commands, names of formats."""


def test_chinese_has_no_word_of_another_language_but_names_and_code():
    strange = {
        word
        for one in sentences("zh")
        if one.context
        for text in texts(one.string)
        for word in re.findall(r"[A-Za-z_][A-Za-z_0-9.]*", PLACE.sub(" ", text))
    }
    assert strange <= NAMES_AND_CODE


def test_chinese_sentences_end_once():
    ends = re.compile(r"[。？！.?!]{2,}$|[a-z][,;] ?[\u4e00-\u9fff]")
    assert not [one.id for one in sentences("zh") for text in texts(one.string) if ends.search(text)]
