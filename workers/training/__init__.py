"""Trusted training: our own model from the canonical form, our own seeds, our own measurement."""
