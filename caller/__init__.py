"""The window client: the clerk's page, and the same job in a terminal."""
