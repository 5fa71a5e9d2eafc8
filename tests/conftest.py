"""What tests share: the genuine QM7 where it is at hand, small molecules, seeds, closed ports."""

from __future__ import annotations

import os
import socket
from pathlib import Path

# Before numpy and torch are imported: small tests on several threads wait more than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import yaml
from hypothesis import settings

from qm7bench.datasets import qm7 as qm7_module
from qm7bench.datasets.qm9 import load_qm9, load_qm9small

REPOSITORY = Path(__file__).parent.parent
WITHOUT_GPU = "PyTorch sees no GPU here"
WITHOUT_QM7 = "qm7.mat is not at hand: set QM7_MAT to its path or put it at data/qm7.mat"

# The same examples in every run, on slow machines too.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("repeatable")

MINIMAL_CONFIG = """
features: {atom_counts: , eigenspectrum: }
models:
  mean_predictor: {features: [atom_counts]}
  my_ridge:
    module: ridge
    features: [eigenspectrum, atom_counts]
    grid: {alpha: [0.1, 1.0]}
"""


def _qm7_file() -> Path | None:
    named = os.environ.get(qm7_module.ENVIRONMENT_VARIABLE)
    path = Path(named).absolute() if named else REPOSITORY / qm7_module.LOCAL_FILE
    return path if path.is_file() else None


def pytest_collection_modifyitems(items):
    if _qm7_file() is None:
        for item in items:
            if item.get_closest_marker("needs_qm7"):
                item.add_marker(pytest.mark.skip(reason=WITHOUT_QM7))


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    number = sum(WITHOUT_QM7 in str(report.longrepr) for report in skipped)
    if number:
        terminalreporter.section("tests on the genuine QM7", sep="!", yellow=True, bold=True)
        terminalreporter.write_line(f"{number} tests were SKIPPED: {WITHOUT_QM7}.", yellow=True)
    number = sum(WITHOUT_GPU in str(report.longrepr) for report in skipped)
    if number:
        terminalreporter.section("tests on a GPU", sep="!", yellow=True, bold=True)
        terminalreporter.write_line(f"{number} tests were SKIPPED: {WITHOUT_GPU}.", yellow=True)


@pytest.fixture(scope="session")
def repository():
    """Root of the repository, where config.yaml is."""
    return REPOSITORY


@pytest.fixture
def config():
    """A small valid configuration, to be changed at will."""
    return yaml.safe_load(MINIMAL_CONFIG)


@pytest.fixture(scope="session")
def qm7_file():
    """Path of the genuine file; the test is skipped without it."""
    path = _qm7_file()
    if path is None:
        pytest.skip(WITHOUT_QM7)
    return path


@pytest.fixture(scope="session")
def qm7_arrays(qm7_file):
    """Arrays of the genuine file, as they are in it."""
    qm7_module.check_file(qm7_file)
    return qm7_module.read_mat(qm7_file)


@pytest.fixture(scope="session")
def qm7(qm7_arrays):
    """The genuine data set."""
    return qm7_module.parse(qm7_arrays)


@pytest.fixture(scope="session")
def qm9small_with_origin():
    """The embedded data set, and where it came from; read once, as that takes seconds."""
    return load_qm9small()


@pytest.fixture(scope="session")
def qm9small(qm9small_with_origin):
    """The embedded data set."""
    return qm9small_with_origin[0]


@pytest.fixture(scope="session")
def qm9():
    """All 130,831 molecules, for slow tests."""
    return load_qm9()[0]


@pytest.fixture(scope="session")
def small_molecules(qm9small):
    """300 molecules of all sizes."""
    return qm9small[np.linspace(0, len(qm9small) - 1, 300).astype(int)]


@pytest.fixture(scope="session")
def one_large_molecule():
    """300 methanols and one molecule of 1,728 atoms."""
    from qm7bench.datasets.dataset import Dataset, pad

    methanol = np.array(
        [[0, 0, 0], [1.42, 0, 0], [-0.4, 1, 0], [-0.4, -0.5, 0.9], [-0.4, -0.5, -0.9]]
    )
    small = (np.array([6, 8, 1, 1, 1, 1]), np.vstack([methanol, [1.7, 0.9, 0]]))
    grid = np.stack(np.meshgrid(*[np.arange(12) * 2.2] * 3), axis=-1).reshape(-1, 3)
    charges, positions = pad([small] * 300 + [(np.where(np.arange(1728) % 3, 1, 6), grid)])
    energies = -480.0 - np.arange(301)
    return Dataset("large", np.arange(301), charges, positions, energies, np.arange(301) % 5)


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return np.random.default_rng(20120131)


@pytest.fixture
def closed_addresses():
    """Two addresses on this machine where nothing listens."""
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return tuple(f"http://127.0.0.1:{port}/qm7.mat" for port in ports)
