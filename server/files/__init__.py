"""Tables as files: what is uploaded becomes rows, what is found becomes a file."""
