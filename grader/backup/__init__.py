"""Keeping a copy of a service, and bringing it back."""
