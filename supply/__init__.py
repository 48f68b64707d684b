"""What the book is built from, and what there is to say of it; `nox -s supply` runs `python -m supply`."""
