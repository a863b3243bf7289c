"""Grades Keras coursework: the control plane, and what a student's own machine needs."""

__version__ = "0.1.0"
