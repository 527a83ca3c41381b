"""What people's browsers open on the server."""
