"""Which model predicts a file."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.shipped import choice, files
from qm7bench.shipped.choice import chosen_for, in_words, knowing_most, load_shipped
from qm7bench.shipped.model import ShippedModel

KNOWN = {"qm9": [1, 6, 7, 8, 9], "qm7": [1, 6, 7, 8, 16]}


def molecules(*charges):
    padded = np.zeros((len(charges), 3), dtype=np.int64)
    for i, own in enumerate(charges):
        padded[i, : len(own)] = own
    n = len(charges)
    return Dataset("d", np.arange(n), padded, np.zeros((n, 3, 3)), np.zeros(n), np.zeros(n))


@pytest.mark.parametrize(
    ("charges", "expected"),
    [
        ([(6, 1), (8, 1, 1)], "qm9"),
        ([(16, 1, 1), (8, 1, 1)], "qm7"),
        ([(9, 1), (8, 1, 1)], "qm9"),
        ([(9, 1), (16, 1, 1)], "qm9"),
        ([(9, 1), (16, 1, 1), (16, 6)], "qm7"),
        ([(17, 1)], "qm9"),
        ([(16, 9)], "qm9"),
    ],
)
def test_the_one_that_knows_the_elements_of_most_molecules_and_qm9_of_equals(charges, expected):
    assert knowing_most(molecules(*charges), KNOWN) == expected


def test_models_that_are_not_in_the_package_are_not_chosen():
    fluorine = molecules((9, 1))
    assert chosen_for(fluorine) == files.names()[0]


def test_a_model_that_needs_a_further_package_is_taken_by_name_alone(monkeypatch):
    monkeypatch.setattr(choice, "names", lambda: ["qm7_gfn2_xtb"])
    with pytest.raises(ArtefactError, match="no model is in this package"):
        chosen_for(molecules((6, 1)))
    assert load_shipped("qm7_gfn2_xtb").description["baseline"]["method"] == "GFN2-xTB"


def test_a_model_that_is_not_in_the_package_is_an_error(monkeypatch):
    monkeypatch.setattr(choice, "names", lambda: ["qm7"])
    with pytest.raises(ArtefactError, match=r"qm9 is not in this package \(there: qm7\)"):
        load_shipped("qm9")
    monkeypatch.setattr(choice, "names", list)
    with pytest.raises(ArtefactError, match="no model is in this package"):
        chosen_for(molecules((6, 1)))


def test_what_a_user_must_know_is_said(made):
    text = "\n".join(in_words(ShippedModel.load(made.folder)))
    for part in (
        "model qm9, fitted to 300 molecules of H C N O",
        "B3LYP/6-31G(2df,p) atomization energies at 0 K, with zero-point vibration",
        "relative to free atoms",
        "expected geometry: relaxed with B3LYP/6-31G(2df,p)",
        "nested error on 5 folds: MAE ",
    ):
        assert part in text
