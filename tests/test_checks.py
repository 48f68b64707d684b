"""The checks by themselves; what they are asked to check is in `test_bad_input.py`."""

import numpy as np
import pytest

from chainrule._checks import check_type, real_valued


def test_check_type_names_the_argument_and_both_types() -> None:
    check_type("x", 3, int)
    with pytest.raises(TypeError, match="x must be an int, not str"):
        check_type("x", "3", int)
    with pytest.raises(TypeError, match="y must be a str, not int"):
        check_type("y", 3, str)


def test_a_value_that_is_looked_at_keeps_its_class() -> None:
    """The book counts operations with a class of its own: one that was lost here would no longer be counted."""

    class Counted(np.ndarray):
        pass

    assert type(real_valued(lambda x: x.view(Counted))(np.ones(2))) is Counted
    np.testing.assert_array_equal(real_valued(lambda x: [x, x])(1.0), [1.0, 1.0])
