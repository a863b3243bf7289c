def build_model():
    """Return a model with two Dense layers, 3 and 1."""
