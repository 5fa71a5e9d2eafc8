"""FCHL19 against a plain triple loop, and by symmetry."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.errors import ModelError
from qm7bench.features import _fchl19_compiled, _fchl19_sums, fchl19
from qm7bench.features.fchl19 import Fchl19, period_and_group

SMALL = {"two_body_functions": 5, "three_body_functions": 4}
WATER = (
    np.array([8, 1, 1]),
    np.array([[0.0, 0.0, 0.1173], [0.0, 0.7572, -0.4692], [0.0, -0.7572, -0.4692]]),
)


def as_dataset(molecules):
    charges, positions = pad(molecules)
    n = np.arange(len(charges))
    return Dataset("test", n, charges, positions, np.zeros(len(n)), np.zeros(len(n), dtype=int))


def fade(r, cutoff):
    return 0.5 * (np.cos(np.pi * r / cutoff) + 1.0) if r <= cutoff else 0.0


def naive(feature, charges, positions, elements):
    """Two- and three-body parts of each atom by loops over its neighbours."""
    e = len(elements)
    pairs = [(a, b) for a in range(e) for b in range(a, e)]
    two = np.zeros((len(charges), e, feature.two_body_functions))
    three = np.zeros((len(charges), len(pairs), feature.three_body_functions, 2))
    grid2 = np.linspace(0, feature.two_body_cutoff, feature.two_body_functions + 1)[1:]
    grid3 = np.linspace(0, feature.three_body_cutoff, feature.three_body_functions + 1)[1:]
    r = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    for i in range(len(charges)):
        others = [j for j in range(len(charges)) if j != i]
        for j in others:
            mu = np.log(r[i, j] / np.sqrt(1 + feature.eta2 / r[i, j] ** 2))
            width = np.sqrt(np.log(1 + feature.eta2 / r[i, j] ** 2))
            density = np.exp(-((np.log(grid2) - mu) ** 2) / (2 * width**2))
            density /= width * np.sqrt(2 * np.pi) * grid2
            weight = fade(r[i, j], feature.two_body_cutoff) / r[i, j] ** feature.two_body_decay
            two[i, elements.index(charges[j])] += weight * density
            for k in (k for k in others if k > j):
                cosines = []
                for a, b, c in ((i, j, k), (j, i, k), (k, i, j)):
                    u, v = positions[b] - positions[a], positions[c] - positions[a]
                    cosines.append(u @ v / np.linalg.norm(u) / np.linalg.norm(v))
                angle = np.arccos(cosines[0])
                strength = (1 + 3 * np.prod(cosines)) * feature.three_body_weight
                strength /= (r[i, j] * r[i, k] * r[j, k]) ** feature.three_body_decay
                strength *= np.sqrt(feature.eta3 / np.pi) * 2 * np.exp(-(feature.zeta**2) / 2)
                strength *= fade(r[i, j], feature.three_body_cutoff)
                strength *= fade(r[i, k], feature.three_body_cutoff)
                radial = np.exp(-feature.eta3 * ((r[i, j] + r[i, k]) / 2 - grid3) ** 2)
                kind = tuple(sorted(elements.index(charges[x]) for x in (j, k)))
                angular = np.array([np.cos(angle), np.sin(angle)])
                three[i, pairs.index(kind)] += strength * radial[:, None] * angular
    return np.concatenate([two.reshape(len(two), -1), three.reshape(len(three), -1)], axis=1)


@pytest.fixture(params=["numpy", "compiled"])
def functions(request, monkeypatch):
    """Let these functions compute the sums."""
    chosen = {"numpy": _fchl19_sums, "compiled": _fchl19_compiled}[request.param]
    monkeypatch.setattr(fchl19, "functions_for", lambda triples: chosen)


@pytest.mark.parametrize(
    "feature",
    [Fchl19(**SMALL), Fchl19(**SMALL, three_body_cutoff=2.0, two_body_cutoff=3.0, zeta=1.0)],
)
def test_vectors_agree_with_loops_over_neighbours(small_molecules, feature, functions):
    molecules = small_molecules[20:240:100]
    values = feature.compute(molecules)["values"]
    expected = [
        naive(feature, z[z > 0], positions[z > 0], molecules.elements)
        for z, positions in zip(molecules.charges, molecules.positions, strict=True)
    ]
    np.testing.assert_allclose(values, np.concatenate(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("eta", [0.01, 2.7, 300.0])
def test_compiled_sums_are_those_of_numpy(small_molecules, monkeypatch, eta):
    """Wide radial functions and narrow ones, on which most of the grid is negligible."""
    feature, found = Fchl19(eta3=eta, three_body_functions=40, element_similarity=1.6), []
    for functions in (_fchl19_sums, _fchl19_compiled):
        monkeypatch.setattr(fchl19, "functions_for", lambda triples, own=functions: own)
        found.append(feature.compute(small_molecules[::9])["values"])
    scale = np.abs(found[0]).max()
    np.testing.assert_allclose(found[1] / scale, found[0] / scale, rtol=2e-7, atol=1e-12)


def test_the_order_of_the_arrays_in_memory_changes_nothing(small_molecules, functions):
    molecules = small_molecules[::60]
    turned = replace(
        molecules,
        charges=np.asfortranarray(molecules.charges),
        positions=np.asfortranarray(molecules.positions),
    )
    expected = Fchl19(**SMALL).compute(molecules)["values"]
    np.testing.assert_array_equal(Fchl19(**SMALL).compute(turned)["values"], expected)


@pytest.mark.parametrize("similarity", [0.0, 1.6])
def test_rotation_translation_and_order_of_atoms_change_nothing(small_molecules, rng, similarity):
    feature = Fchl19(**SMALL, element_similarity=similarity)
    molecules = small_molecules[::60]
    moved, orders = [], []
    for charges, positions in zip(molecules.charges, molecules.positions, strict=True):
        order = rng.permutation(np.count_nonzero(charges))
        turn = Rotation.random(random_state=rng).as_matrix()
        moved.append((charges[order], positions[order] @ turn + rng.normal(size=3)))
        orders.append(order)
    arrays = feature.compute(molecules)
    starts = arrays["atom_offsets"][:-1]
    rows = np.concatenate([start + order for start, order in zip(starts, orders, strict=True)])
    values = feature.compute(as_dataset(moved))["values"]
    np.testing.assert_allclose(values, arrays["values"][rows], atol=1e-5)


def test_hydrogen_atoms_are_left_out_as_centres_only(small_molecules):
    molecules = small_molecules[::60]
    everything, heavy = Fchl19().compute(molecules), Fchl19(centres="heavy").compute(molecules)
    not_hydrogen = everything["charges"] > 1
    np.testing.assert_array_equal(heavy["values"], everything["values"][not_hydrogen])
    np.testing.assert_array_equal(heavy["charges"], everything["charges"][not_hydrogen])
    np.testing.assert_array_equal(heavy["compositions"], everything["compositions"])
    assert heavy["compositions"].sum() == molecules.sizes.sum()


def test_padding_changes_nothing(small_molecules):
    molecules = small_molecules[:4]
    trimmed = as_dataset(
        [(z[z > 0], r[z > 0]) for z, r in zip(molecules.charges, molecules.positions, strict=True)]
    )
    feature = Fchl19(**SMALL)
    np.testing.assert_array_equal(
        feature.compute(trimmed)["values"], feature.compute(molecules)["values"]
    )


def test_similar_elements_have_products_scaled_by_their_similarity():
    """Water, and the same with sulphur in the place of oxygen: the vectors of a hydrogen atom."""
    charges, positions = WATER
    sulphide = (np.array([16, 1, 1]), positions)
    feature = Fchl19(**SMALL, element_similarity=1.6, three_body_weight=0.0)
    values = feature.compute(as_dataset([(charges, positions), sulphide]))["values"]
    # The first hydrogen sees the other one, and at the same distance O or S (period 2 and 3).
    plain = Fchl19(**SMALL, three_body_weight=0.0, elements="H O S")
    parts = plain.compute(as_dataset([(charges, positions)]))["values"][1].reshape(-1)[:15]
    hydrogen, oxygen = parts[:5], parts[5:10]
    similarity = np.exp(-1 / (4 * 1.6**2))
    expected = hydrogen @ hydrogen + similarity * oxygen @ oxygen
    # H and O differ by 15 groups: their similarity is below 1e-9.
    assert values[1] @ values[4] == pytest.approx(expected, rel=1e-5)


def test_elements_that_are_alike_change_no_length_of_a_pure_molecule():
    molecule = as_dataset([(np.array([6, 6, 6]), WATER[1])])
    mixed = Fchl19(**SMALL, element_similarity=1.6, elements="H C N O").compute(molecule)["values"]
    plain = Fchl19(**SMALL, elements="H C N O").compute(molecule)["values"]
    np.testing.assert_allclose(
        np.linalg.norm(mixed, axis=1), np.linalg.norm(plain, axis=1), rtol=1e-5
    )


def test_pinned_columns_are_the_same_for_fewer_elements():
    both = as_dataset([WATER, (np.array([6, 1]), np.array([[0.0, 0, 0], [0, 0, 1.1]]))])
    feature = Fchl19(**SMALL).pinned(both)
    assert feature.elements == "H C O"
    np.testing.assert_array_equal(
        feature.compute(both[[0]])["values"], feature.compute(both)["values"][:3]
    )


def test_an_unknown_element_is_refused():
    with pytest.raises(ModelError, match="made for H, C and a molecule has O"):
        Fchl19(elements="H C").compute(as_dataset([WATER]))


@pytest.mark.parametrize("charges", [[2], [6], [1, 1]])
def test_molecules_without_pairs_or_without_centres_can_be_computed(charges):
    positions = np.array([[0.0, 0, 0], [0, 0, 0.74]])[: len(charges)]
    molecule = as_dataset([(np.array(charges), positions)])
    arrays = Fchl19(centres="heavy").compute(molecule)
    assert len(arrays["values"]) == sum(z > 1 for z in charges)
    assert not arrays["values"].any()


def test_atoms_outside_of_both_cutoffs_leave_zeros():
    apart = (np.array([6, 6]), np.array([[0.0, 0, 0], [0, 0, 9.0]]))
    assert not Fchl19().compute(as_dataset([apart]))["values"].any()


@pytest.mark.parametrize(
    ("charge", "place"),
    [
        (1, (1, 1)),
        (2, (1, 18)),
        (4, (2, 2)),
        (5, (2, 13)),
        (8, (2, 16)),
        (16, (3, 16)),
        (26, (4, 8)),
    ],
)
def test_places_in_the_periodic_table(charge, place):
    assert period_and_group(charge) == place
