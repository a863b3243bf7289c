"""`make demo`: the whole service on this machine, reference solutions handed in over HTTP, every verdict shown."""
