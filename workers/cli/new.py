"""`grader new`: an assignment that works, to change into one's own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.catalog import SLUG, load_catalog
from grader.settings import load_settings
from workers.references import OWN_SOLUTIONS

FUNCTION = "build_model"

ASSIGNMENT = """\
format: 1
title: "{title}"
parts:
  - name: model
    entry_point: {{function: build_model, also_variables: [model]}}
    input_shape: {shape}
    training:
      dataset: {dataset}
      epochs: 8
      batch_size: 16
      optimizer: adam
      loss: categorical_crossentropy
      seeds: [0, 1, 2]
      evaluate_test: true
      threshold: 0.60
"""

CHECKS = '''\
"""What {slug} asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

NETWORK = (
    Flatten(),
    Dense(units=64),
    Activation("relu"),
    Dense(units={classes}),
    Activation("softmax"),
)


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes pictures of shape {shape}"""
    expect.input_shape(model, {shape})


@architecture_check(points=5, needs=input_shape)
def layers_in_order(model: ModelSpec) -> None:
    """the layers come in the asked order, with the asked settings"""
    expect.layer_order(model, NETWORK)
    expect.layer_settings(model, NETWORK)


@training_check(points=4, needs=layers_in_order)
def accurate(run: TrainingRun) -> None:
    """more than 60 % of the test pictures are right"""
    expect.test_accuracy_above(run, run.threshold)
'''

STATEMENT = """\
# {title}

Write a function `build_model()` that returns this network: Flatten, Dense of 64, ReLU, Dense of {classes}, softmax.
It takes pictures of shape {shape}. We train it for 8 epochs and ask for more than 60 % on the test.
"""

STARTER = '''\
"""{title}. Fill in `build_model` and hand in this file."""

import keras


def build_model():
    model = keras.Sequential()
    model.add(keras.Input({shape}))
    return model
'''

SOLUTION = '''\
"""{doc}"""

import keras
from keras import layers


def {function}():
    return keras.Sequential(
        [
            keras.Input({shape}),
            layers.Flatten(),
            layers.Dense({units}, activation="relu"),
            layers.Dense({classes}, activation="softmax"),
        ]
    )
'''

DATASET = """\
format: 1
name: {dataset}
title: "Squares and crosses"
pictures: {{shape: [12, 12, 1], dtype: uint8}}
labels: {{dtype: uint8, classes: [0, 1], encoding: one-hot}}
sizes: {{train: 200, test: 100}}
scaling: {{divide: 255.0, subtract: 0.0}}
generator: generate.py
seed: 1
"""

GENERATOR = '''\
"""Squares (0) and crosses (1) at random places, drawn with numpy from a seed alone."""

from __future__ import annotations

import numpy as np

SIZES = {"train": 200, "test": 100}


def generate(seed: int) -> dict[str, np.ndarray]:
    """Pictures (n, 12, 12, 1) uint8 and labels (n,) uint8 for both parts."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, count in SIZES.items():
        labels = rng.permutation(np.arange(count) % 2).astype(np.uint8)
        arrays[f"{part}_x"] = np.stack([picture(rng, label) for label in labels])
        arrays[f"{part}_y"] = labels
    return arrays


def picture(rng: np.random.Generator, label: int) -> np.ndarray:
    """One picture: noise, and five pixels of a square's edge or of a cross."""
    canvas = rng.integers(0, 90, (12, 12, 1))
    top, left = rng.integers(0, 8, 2)
    if label:
        canvas[top + 2, left : left + 5] = canvas[top : top + 5, left + 2] = 220
    else:
        canvas[top : top + 5 : 4, left : left + 5] = canvas[top : top + 5, left : left + 5 : 4] = 220
    return canvas.astype(np.uint8)
'''


@click.command(
    epilog="Examples:\n\n  grader new my-exercise --into my-course\n\n"
    "  grader new squares-or-crosses --dataset shapes --title 'Squares or crosses'"
)
@click.argument("slug")
@click.option("--title", help="As students see it; the slug where none is given.")
@click.option("--dataset", help="Start a data set of your own as well, under this name.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of your course's assignments; GRADER_ASSIGNMENTS_DIR where it is set.",
)
def new(slug: str, title: str | None, dataset: str | None, into: Path | None) -> None:
    """Start the assignment SLUG: four files that work, and reference solutions that prove it."""
    settings = load_settings()
    folder = into or next(iter(settings.assignments_dir), None)
    _refuse_unless(folder, "say where: --into FOLDER, or set GRADER_ASSIGNMENTS_DIR")
    _refuse_unless(SLUG.fullmatch(slug), f"{slug!r} is no name: small letters, digits and hyphens")
    _refuse_unless(not dataset or SLUG.fullmatch(dataset), f"{dataset!r} is no name for a data set")
    known = load_catalog(settings.assignments_dirs).assignments
    _refuse_unless(
        slug not in known and folder and not (folder / slug).exists(), f"there is a {slug} already"
    )
    assert folder is not None
    files = _files(slug, title or slug.replace("-", " ").capitalize(), dataset)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        click.echo(path)
    if folder.resolve() not in settings.assignments_dir:
        click.echo(f"\nexport GRADER_ASSIGNMENTS_DIR={folder.resolve()}")
    click.echo(f"grader verify {slug}")


def _files(slug: str, title: str, dataset: str | None) -> dict[str, str]:
    shape, classes = ((12, 12, 1), 2) if dataset else ((32, 32, 3), 5)
    words = {
        "slug": slug,
        "title": title,
        "shape": shape,
        "classes": classes,
        "function": FUNCTION,
        "units": 64,
    }
    solutions = f"{OWN_SOLUTIONS}/{slug}"
    files = {
        f"{slug}/assignment.yaml": ASSIGNMENT.format(
            **words | {"shape": list(shape)}, dataset=dataset or "traffic-signs"
        ),
        f"{slug}/checks.py": CHECKS.format(**words),
        f"{slug}/statement.md": STATEMENT.format(**words),
        f"{slug}/starter.py": STARTER.format(**words),
        f"{solutions}/accepted/one_list.py": SOLUTION.format(doc="As the statement asks.", **words),
        f"{solutions}/failed/narrow.py": SOLUTION.format(
            doc="layers_in_order: half as wide.", **words | {"units": 32}
        ),
        f"{solutions}/invalid/misnamed.py": SOLUTION.format(
            doc="bad_result: another name.", **words | {"function": "make_network"}
        ),
    }
    if dataset:
        files[f"_datasets/{dataset}/dataset.yaml"] = DATASET.format(dataset=dataset)
        files[f"_datasets/{dataset}/generate.py"] = GENERATOR
    return files


def _refuse_unless(condition: object, detail: str) -> None:
    if not condition:
        click.echo(f"Nothing was written: {detail}.", err=True)
        sys.exit(2)
