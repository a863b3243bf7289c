"""How often chance decides: many seeds of right and of wrong networks, and what threshold, band and epochs follow."""
