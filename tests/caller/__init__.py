"""The clerk's job: what a key means, the terminal, and a whole day at the page."""
