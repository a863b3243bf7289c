"""The untrusted zone: all that runs beside student code. Imports nothing of ours; nobody imports it."""
