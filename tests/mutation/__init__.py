"""Faults of every small kind, put into the package one at a time: the tests must notice each. `nox -s mutation`."""
