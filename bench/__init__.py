"""Benchmarks, run by `nox -s bench`: the package, its peers and its limits, side by side."""
