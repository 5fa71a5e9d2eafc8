"""What a long job says of its molecules."""

from __future__ import annotations

import logging

import pytest

from qm7bench import tally
from qm7bench.datasets.dataset import parts_of
from qm7bench.features.xtb import Xtb
from qm7bench.tally import Tally

logger = logging.getLogger("qm7bench.test")


@pytest.fixture
def at_once(monkeypatch, caplog):
    """Every molecule is told of."""
    monkeypatch.setattr(tally, "SECONDS_BETWEEN_LINES", 0.0)
    caplog.set_level(logging.INFO)
    return caplog


def test_it_says_how_many_are_done(at_once):
    own = Tally(130831, logger)
    own.add(4096)
    own.add(4096)
    assert at_once.messages[-1] == "8,192 of 130,831 molecules done"


def test_a_short_job_says_nothing(caplog):
    caplog.set_level(logging.INFO)
    Tally(100, logger).add(100)
    assert not caplog.messages


def test_parts_of_a_data_set_are_told(at_once, small_molecules):
    number = len(list(parts_of(small_molecules, molecules=10)))
    assert number > 2
    assert at_once.messages[0] == f"10 of {len(small_molecules)} molecules done"
    assert len(at_once.messages) == number - 1


def test_tight_binding_is_told(at_once, small_molecules):
    Xtb().compute(small_molecules[:2])
    assert at_once.messages == [f"{i} of 2 molecules done" for i in (1, 2)]
