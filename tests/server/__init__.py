"""Tests of the truth: what the server promises, on SQLite and on a real PostgreSQL."""
