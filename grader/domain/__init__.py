"""What the grader is about, in plain values: no library, no input, no output."""
