"""Honest submissions through a real service in which something breaks: nothing lost, doubled, wrong or stuck."""
