"""Every registered representation and model, put through the suite that plug-ins can use too."""

from __future__ import annotations

import pytest

from qm7bench.registry.modules import known, load
from qm7bench.testing.features import FEATURE_CHECKS
from qm7bench.testing.models import MODEL_CHECKS, Candidate

FEATURES = {
    "bag_of_bonds": [{}],
    "columns_sorted_coulomb_matrix": [{}, {"start": "file", "entries": "all"}],
    "coulomb_force_graph": [{}, {"padding_atoms": "kept"}],
    "fchl19_extended_huckel": [{}, {"positions": True}],
    "fchl19": [
        {"two_body_functions": 8, "three_body_functions": 6},
        {"centres": "heavy", "element_similarity": 1.6},
    ],
    "nearest_neighbour_graph": [{"coulomb": True}, {"padding_atoms": "kept"}],
    "radius_graph": [{"triplets": True}],
    "sorted_coulomb_matrix": [{}, {"norm": "l1"}],
}
"""Parameters to try; those of the others are their defaults."""

PERCEPTRON = {"first_hidden": 20, "second_hidden": 10, "epochs": 3}
SMALL = {"channels": 8, "layers": 2, "radial_functions": 6, "epochs": 2, "compiled": False}
GRAPHS = ("radius_graph", {"cutoff": 4.0})
ATOMS = ("fchl19", {"two_body_functions": 8, "three_body_functions": 6})
POSITIONS = {"bonds": False, "charges": False, "positions": True}
MODELS = {
    "custom_gnn": [
        ({"hidden_channels": 8, "epochs": 2}, GRAPHS),
        ({"hidden_channels": 8, "epochs": 2, "position_dimension": 3}, GRAPHS),
    ],
    "dimenet": [
        (
            {"hidden_channels": 8, "blocks": 1, "out_emb_channels": 8, "int_emb_size": 4}
            | {"basis_emb_size": 2, "num_spherical": 3, "num_radial": 3, "epochs": 2}
            | {"compiled": False},
            GRAPHS,
        )
    ],
    "fitted_huckel_kernel_ridge": [
        ({"molecules": 200, "evaluations": 1}, ("fchl19_extended_huckel", POSITIONS))
    ],
    "k_nearest_neighbours": [({"weights": "distance", "standardize": True}, None)],
    "kernel_ridge": [({}, None), ({"kernel": "laplacian", "standardize": True}, None)],
    "kernel_ridge_of_realisations": [
        ({}, ("random_coulomb_matrix", {"noise": 0.0, "realisations": 2}))
    ],
    "large_local_kernel_ridge": [
        ({"kernel": "gaussian", "gamma": 0.125, "alpha": 1e-5}, ATOMS),
        ({"linear": 0.1}, ("fchl19_extended_huckel", {})),
    ],
    "linear_regression": [({}, ("atom_counts", {}))],
    "local_kernel_ridge": [
        ({}, ATOMS),
        ({"kernel": "matern"}, ("fchl19", {**ATOMS[1], "centres": "heavy"})),
        ({"linear": 0.1}, ("fchl19_extended_huckel", {})),
    ],
    "multilayer_perceptron": [
        (PERCEPTRON, None),
        ({**PERCEPTRON, "realisations": "fresh"}, None),
    ],
    "painn": [(SMALL, GRAPHS), (SMALL, ("radius_graph_extended_huckel", {}))],
    "sparse_local_kernel_ridge": [
        ({"inducing_atoms": 60, "gamma": 0.05}, ATOMS),
        ({"inducing_atoms": 60, "linear": 0.1}, ("fchl19_extended_huckel", {})),
    ],
    "support_vector_regression": [({"standardize": True}, None)],
    "tensornet": [(SMALL, GRAPHS)],
}
"""Small parameters, and the representation that a model reads; defaults on the others."""

TABULAR = ("sorted_coulomb_matrix", {})


def models():
    return [
        pytest.param(name, parameters, feature or TABULAR, id=f"{name}{number or ''}")
        for name in known("models")
        for number, (parameters, feature) in enumerate(MODELS.get(name, [({}, None)]))
    ]


def features():
    return [
        pytest.param(name, parameters, id=f"{name}{number or ''}")
        for name in known("features")
        for number, parameters in enumerate(FEATURES.get(name, [{}]))
    ]


@pytest.mark.parametrize("check", FEATURE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("name", "parameters"), features())
def test_a_representation(name, parameters, check):
    check(load("features", name)(**parameters))


@pytest.mark.parametrize("check", MODEL_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("name", "parameters", "feature"), models())
def test_a_model(name, parameters, feature, check):
    made = load("features", feature[0])(**feature[1])
    check(Candidate(load("models", name), parameters, made))
