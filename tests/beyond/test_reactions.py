"""Reactions within a data set: bonds are kept, energies look like chemistry, errors are theirs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.beyond import reaction_search
from qm7bench.beyond.reaction_search import (
    MOST,
    MOST_OF_A_MOLECULE,
    Bonded,
    fair_choice,
    hydrogenations,
    isodesmic_reactions,
)
from qm7bench.beyond.reactions import COLUMNS, FEWEST, ReactionEnergies
from qm7bench.beyond.track import NotApplicableError
from qm7bench.chemistry.bond_orders import bond_orders

H2 = -105.3
"""Atomization energy at 0 K, B3LYP, in kcal/mol: -1.1684 + 2 x 0.500273 Hartree."""
KNOWN = [(4, 7, 2, -74.6), (9, 13, 2, -69.7), (29, 39, 2, -65.1), (156, 159, 1, -26.9)]
"""Ids in QM9 of ethyne and ethane, propyne and propane, 2-butyne and butane, cyclopentene and
cyclopentane, the number of H2, and measured heats of hydrogenation at 298 K in kcal/mol."""


@pytest.fixture(scope="module")
def bonded(qm9small):
    return Bonded.of(qm9small)


@pytest.fixture(scope="module")
def isodesmic(bonded):
    return isodesmic_reactions(bonded)


@pytest.fixture(scope="module")
def hydrogenated(bonded):
    return hydrogenations(bonded)


@pytest.fixture(scope="module")
def energies(qm9small):
    return ReactionEnergies(qm9small)


def test_isodesmic_reactions_keep_bonds_of_each_kind_and_are_not_trivial(qm9small, isodesmic):
    for a, b, c, d in isodesmic.molecules[::50].tolist():
        assert len({a, b, c, d}) == 4
        kinds = [
            Counter(bond_orders(qm9small.charges[k], qm9small.positions[k]).kinds)
            for k in (a, b, c, d)
        ]
        assert kinds[0] + kinds[1] == kinds[2] + kinds[3]
        assert kinds[0] not in kinds[2:]


def test_pairs_whose_hashes_are_equal_by_chance_are_no_reactions(bonded, isodesmic, monkeypatch):
    monkeypatch.setattr(reaction_search, "LARGEST_HASH", 4)
    kinds = bonded.kinds[np.searchsorted(bonded.indices, isodesmic_reactions(bonded).molecules)]
    assert len(kinds) > 100
    np.testing.assert_array_equal(kinds[:, 0] + kinds[:, 1], kinds[:, 2] + kinds[:, 3])


def test_reactions_keep_their_atoms(qm9small, isodesmic, hydrogenated):
    counts = np.stack([(qm9small.charges == z).sum(axis=1) for z in (1, 6, 7, 8, 9)], axis=1)
    a, b, c, d = isodesmic.molecules.T
    np.testing.assert_array_equal(counts[a] + counts[b], counts[c] + counts[d])
    a, b = hydrogenated.molecules.T
    added = np.zeros((len(a), 5), dtype=int)
    added[:, 0] = 2 * hydrogenated.hydrogen
    np.testing.assert_array_equal(counts[a] + added, counts[b])
    assert (hydrogenated.hydrogen > 0).all()


def test_hydrogenations_raise_the_order_of_no_bond_between_heavy_atoms(qm9small, hydrogenated):
    def orders(k):
        total = Counter()
        found = bond_orders(qm9small.charges[k], qm9small.positions[k])
        for (one, other, order), number in found.kinds.items():
            if one > 1:
                total[one, other] += order * number
        return total

    for a, b in hydrogenated.molecules[::3].tolist():
        before, after = orders(a), orders(b)
        assert before.keys() == after.keys()
        assert all(after[pair] <= before[pair] for pair in after)


def test_isodesmic_reaction_energies_are_small(qm9small, isodesmic):
    found = np.abs(isodesmic.differences(qm9small.energies))
    assert len(found) > 5000
    assert np.median(found) < 15.0  # kcal/mol
    assert (found < 20.0).mean() > 0.6


def test_known_hydrogenations_are_found_with_their_energies(qm9small, hydrogenated):
    found = dict(
        zip(
            [tuple(pair) for pair in qm9small.ids[hydrogenated.molecules].tolist()],
            zip(hydrogenated.differences(qm9small.energies), hydrogenated.hydrogen, strict=True),
            strict=True,
        )
    )
    for one, other, number, measured in KNOWN:
        difference, hydrogen = found[one, other]
        assert hydrogen == number
        # B3LYP binds the hydrogens somewhat too weakly.
        assert difference - number * H2 == pytest.approx(measured, abs=6.0)


def test_hydrogenation_releases_heat_for_every_h2(qm9small, hydrogenated):
    heat = hydrogenated.differences(qm9small.energies) / hydrogenated.hydrogen - H2
    assert -50.0 < np.median(heat) < -10.0  # kcal/mol


def test_the_same_reactions_are_found_again(bonded, isodesmic):
    again = isodesmic_reactions(bonded)
    np.testing.assert_array_equal(again.molecules, isodesmic.molecules)


def test_no_molecule_is_in_too_many_reactions(isodesmic, hydrogenated):
    for reactions in (isodesmic, hydrogenated):
        assert len(reactions.hydrogen) <= MOST
        assert np.unique(reactions.molecules, return_counts=True)[1].max() <= MOST_OF_A_MOLECULE
        lines = np.sort(reactions.molecules, axis=1)
        assert len(np.unique(lines, axis=0)) == len(lines)


def test_each_size_gives_as_many_reactions_as_it_can(monkeypatch, rng):
    monkeypatch.setattr(reaction_search, "MOST", 60)
    reactions = np.arange(400).reshape(200, 2)
    sizes = np.repeat([3, 5, 8], [10, 90, 100])
    chosen = fair_choice(reactions, sizes, rng)
    assert Counter(sizes[chosen].tolist()) == {3: 10, 5: 25, 8: 25}
    assert len(set(chosen.tolist())) == 60


def test_errors_are_those_of_the_reactions_one_by_one(qm9small, energies, isodesmic, rng):
    predictions = qm9small.energies + rng.laplace(0.0, 2.0, len(qm9small))
    predictions[::9] = np.nan
    found = energies.measure(predictions)
    own = []
    for a, b, c, d in isodesmic.molecules.tolist():
        predicted = predictions[c] + predictions[d] - predictions[a] - predictions[b]
        e = qm9small.energies
        own.append(abs(predicted - (e[c] + e[d] - e[a] - e[b])))
    known = np.array(own)[np.isfinite(own)]
    assert found["isodesmic_mae"] == pytest.approx(known.mean())
    assert found["isodesmic_median"] == pytest.approx(np.median(known))
    assert found["isodesmic_reactions"] == len(known) < len(own)


def test_independent_errors_do_not_cancel_and_those_of_bonds_do(qm9small, energies, bonded, rng):
    independent = energies.measure(qm9small.energies + rng.normal(0.0, 2.0, len(qm9small)))
    assert independent["isodesmic_cancellation"] == pytest.approx(1.0, abs=0.1)
    assert independent["isodesmic_mae"] == pytest.approx(2 * 2.0 * np.sqrt(2 / np.pi), rel=0.1)
    assert independent["hydrogenation_cancellation"] == pytest.approx(1.0, abs=0.1)
    of_bonds = np.zeros(len(qm9small))
    of_bonds[bonded.indices] = bonded.kinds @ rng.normal(0.0, 2.0, bonded.kinds.shape[1])
    found = energies.measure(qm9small.energies + of_bonds)
    assert found["isodesmic_mae"] == pytest.approx(0.0, abs=1e-9)
    assert found["isodesmic_cancellation"] == pytest.approx(0.0, abs=1e-9)
    assert found["hydrogenation_mae"] > 1.0


def test_the_energy_of_h2_does_not_matter(qm9small, rng):
    """It is part of the reaction energy, but neither of its error nor of its spread."""
    few = qm9small[:600]
    hydrogens = (few.charges == 1).sum(axis=1)
    predictions = few.energies + rng.normal(size=len(few))
    before = ReactionEnergies(few).measure(predictions)
    moved = ReactionEnergies(replace(few, energies=few.energies + 50.0 * hydrogens))
    after = moved.measure(predictions + 50.0 * hydrogens)
    assert after["hydrogenation_mae"] == pytest.approx(before["hydrogenation_mae"])
    assert after["hydrogenation_spread"] == pytest.approx(before["hydrogenation_spread"])


def test_molecules_of_uncertain_bonds_are_counted(qm9small, energies, bonded):
    found = energies.measure(qm9small.energies)
    assert found["left_out"] == len(qm9small) - len(bonded.indices) > 0
    assert found["isodesmic_cancellation"] is None  # nothing errs


def test_too_few_reactions_have_no_error(qm9small, energies):
    predictions = np.full(len(qm9small), np.nan)
    predictions[:10] = -100.0
    found = energies.measure(predictions)
    assert set(found) == {column.name for column in COLUMNS}
    assert found["isodesmic_mae"] is None
    assert found["isodesmic_reactions"] < FEWEST


def test_a_data_set_without_reactions_is_told_why_not(qm9small):
    with pytest.raises(NotApplicableError, match=r"Fewer than 20 reactions between the molecules"):
        ReactionEnergies(qm9small[:6])
