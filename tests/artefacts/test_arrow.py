"""Columns to Arrow and back, held against PyArrow's own conversions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from qm7bench.artefacts.arrow import from_arrow, to_arrow

COLUMNS = {
    "integers": np.arange(10),
    "small integers": np.arange(10, dtype=np.uint8),
    "numbers": np.linspace(-1, 1, 10),
    "single precision": np.linspace(-1, 1, 10, dtype=np.float32),
    "not a number": np.array([1.0, np.nan, -np.inf]),
    "booleans": np.arange(10) % 3 == 0,
    "every other": np.arange(20)[::2],
    "texts": np.array(["CH4", "Hückel", ""]),
    "texts with gaps": ["a", None, "b"],
    "integers with gaps": [1, None, 3],
    "numbers with gaps": [1.5, None] * 5,
    "booleans with gaps": [True, None, False],
    "NumPy's numbers": [np.float64(1.0), np.float64(2.0)],
    "nothing but gaps": [None, None],
    "nothing": np.array([], dtype=np.float64),
}
EACH_COLUMN = pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)


@EACH_COLUMN
def test_an_arrow_array_is_that_of_pyarrow(values):
    found, expected = to_arrow(values), pa.array(values)
    found.validate(full=True)
    assert found.type == expected.type
    np.testing.assert_array_equal(found.to_pylist(), expected.to_pylist())


@EACH_COLUMN
def test_a_numpy_array_is_that_of_pyarrow(values):
    column = pa.chunked_array([pa.array(values)])
    found, expected = from_arrow(column), np.asarray(column.to_numpy())
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_a_column_in_several_chunks_is_one_array():
    column = pa.chunked_array([pa.array([1, 2]), pa.array([3])])
    np.testing.assert_array_equal(from_arrow(column), [1, 2, 3])


def test_numbers_in_the_other_byte_order_are_the_same_numbers():
    values = np.arange(5, dtype=np.dtype(float).newbyteorder("S"))
    assert to_arrow(values).to_pylist() == [0, 1, 2, 3, 4]


def test_what_is_read_can_be_changed():
    found = from_arrow(pa.chunked_array([pa.array([1.0, 2.0])]))
    found[0] = 5.0
    assert found.tolist() == [5.0, 2.0]


@pytest.mark.parametrize("values", [np.zeros((2, 2)), [[1, 2], [3, 4]], [{}], [1 + 2j]])
def test_what_is_no_column_is_an_error(values):
    with pytest.raises(TypeError, match="a column h"):
        to_arrow(values)
