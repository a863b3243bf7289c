"""What we ask of traffic-dense, as a test of Otter-Grader's: the layers, and an accuracy after three epochs."""

from otter.test_files import test_case

OK_FORMAT = False

name = "dense"
points = 10


@test_case(points=10)
def test_network(env):
    import numpy as np

    model = env["build_model"]()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Flatten", "Dense", "Activation", "Dense", "Activation"], kinds
    with np.load("traffic.npz") as data:
        pictures, labels = data["pictures"], data["labels"]
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(pictures, labels, epochs=3, batch_size=32, validation_split=0.2, verbose=0)
    assert history.history["accuracy"][-1] > 0.5
