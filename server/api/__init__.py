"""The HTTP API under /api/v1: bodies in, actions and queries called, answers out."""
