"""Devices as the server knows them: let in, heard, measured, checked before opening, told of when they fail."""
