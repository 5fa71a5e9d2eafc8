"""A local kernel by PyTorch: on the processor here, and on a GPU where there is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from qm7bench.features.fchl19 import Fchl19
from qm7bench.layouts.atoms import from_arrays
from qm7bench.regression import pair_sums_on_device
from qm7bench.regression.local_kernel import LocalAtoms, axes_of, local_kernels

GAMMAS = [0.02, 0.3]
WITHOUT_GPU = "PyTorch sees no GPU here"  # in the terminal's summary


@pytest.fixture(scope="module")
def atoms(small_molecules):
    """Forty molecules with their axes, and thirty others along them."""
    whole = from_arrays(Fchl19().compute(small_molecules[::4]))
    axes = axes_of(whole[:40], max(GAMMAS))
    return LocalAtoms.of(whole[:40], axes, known=True), LocalAtoms.of(whole[40:70], axes, False)


@pytest.fixture
def on_device(monkeypatch):
    """Lets all local kernels be computed on a device."""

    def use(name):
        device = torch.device(name)
        monkeypatch.setattr(pair_sums_on_device, "device_for", lambda pairs: device)

    return use


@pytest.mark.parametrize("kernel", ["matern", "gaussian"])
@pytest.mark.parametrize("at_once", [7, 4096])
@pytest.mark.parametrize("same", [True, False])
def test_the_processors_kernel_comes_out(atoms, on_device, monkeypatch, kernel, at_once, same):
    """Seven atoms at a time end in the middle of molecules."""
    left, right = (atoms[0], atoms[0]) if same else atoms
    expected = local_kernels(left, right, kernel, GAMMAS)
    monkeypatch.setattr(pair_sums_on_device, "ATOMS_AT_ONCE", at_once)
    on_device("cpu")
    for found, known in zip(local_kernels(left, right, kernel, GAMMAS), expected, strict=True):
        np.testing.assert_allclose(found, known, rtol=1e-10)


@pytest.mark.skipif(not torch.cuda.is_available(), reason=WITHOUT_GPU)
@pytest.mark.parametrize("kernel", ["matern", "gaussian"])
def test_a_gpu_gives_the_same(atoms, on_device, kernel):
    expected = local_kernels(*atoms, kernel, GAMMAS)
    on_device("cuda")
    for found, known in zip(local_kernels(*atoms, kernel, GAMMAS), expected, strict=True):
        np.testing.assert_allclose(found, known, rtol=1e-10)


@pytest.mark.parametrize(
    ("pairs", "gpu", "seen", "used"),
    [
        (10**9, True, True, True),
        (10**9, True, False, False),
        (10**9, False, True, False),
        (10**6, True, True, False),
    ],
)
def test_a_gpu_is_used_where_it_is_seen_and_worth_its_start(monkeypatch, pairs, gpu, seen, used):
    monkeypatch.setattr(pair_sums_on_device, "has_gpu", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: seen)
    assert (pair_sums_on_device.device_for(pairs) is not None) == used
