"""Seeds depend on what is computed, and on nothing else."""

from __future__ import annotations

from qm7bench.seeds import derived_seed


def test_a_seed_is_the_same_in_every_process():
    assert derived_seed("qm7", "eigenspectrum", "ridge", 0, 0) == 482933359


def test_every_part_changes_the_seed():
    parts = ["qm7", "eigenspectrum", "mlp", 0, 0]
    seeds = {derived_seed(*parts)}
    for i in range(5):
        changed = list(parts)
        changed[i] = f"{parts[i]}1"
        seeds.add(derived_seed(*changed))
    assert len(seeds) == 6


def test_parts_are_not_run_together():
    assert derived_seed("ab", "c") != derived_seed("a", "bc")
    assert derived_seed(1, 11) != derived_seed(11, 1)


def test_seeds_fit_into_31_bits_and_spread_over_them():
    seeds = [derived_seed("qm7", i) for i in range(1000)]
    assert min(seeds) >= 0
    assert max(seeds) < 2**31
    assert len(set(seeds)) == 1000
    assert 0.45 < sum(seeds) / 1000 / 2**31 < 0.55
