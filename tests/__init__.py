"""Everything that must pass; run by `make test`."""
