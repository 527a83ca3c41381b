"""Keypads: a clerk's day by four keys, or by figures and Enter."""
