"""Catalogues: `<language>/LC_MESSAGES/grader.po`, and what renews them."""
