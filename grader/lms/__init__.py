"""Talking to learning management systems: signed webhooks in and out."""
