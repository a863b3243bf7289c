"""Wrong models made from a right one, to see whether an assignment's checks notice, and right ones that must pass."""
