"""The same configuration gives the same results to the last bit."""

from __future__ import annotations

import pytest


@pytest.mark.slow
def test_one_core_gives_the_same_bits_as_two(new, complete):
    run = new.snakemake("--cores", "1")
    assert run.status == 0, run.text
    assert new.same_results_as(complete)
