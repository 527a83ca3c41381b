"""The layout in the database: read, held to its laws, written anew."""
