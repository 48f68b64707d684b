"""The tests that micrograd, autograd and MyGrad publish, run on our engine: `nox -s peers`.

Nothing of theirs is kept here. The session fetches the sources that `sources.txt` pins; `__main__` runs the tests of
each, with an adapter that poses as the peer, and prints what ran, what did not, and why.
"""
