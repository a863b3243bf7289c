"""The database: rows, sessions, stores and queries. Nothing outside sees a row."""
