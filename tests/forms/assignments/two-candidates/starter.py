def build_model():
    """Return your model."""
