"""Pretraining: what fits begin with, and that no test molecule can be among what was learnt."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.cli import main
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.storage import write_dataset
from qm7bench.errors import ArtefactError, ModelError
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.fitting.initial_weights import pretraining_facts, start_from_pretrained
from qm7bench.fitting.job import Entry, FitInputs
from qm7bench.fitting.pretraining import pretrain
from qm7bench.layouts.graphs import MoleculeGraphs, from_arrays
from qm7bench.models.painn import Painn

NETWORK = {"channels": 8, "layers": 1, "radial_functions": 4, "compiled": False, "batch_size": 8}
SHORT = {**NETWORK, "epochs": 1, "warmup_epochs": 0.5, "average_decay": 0.0}


def graphs_of(dataset: Dataset) -> MoleculeGraphs:
    return from_arrays(RadiusGraph(cutoff=4.0).compute(dataset))


def inputs_of(dataset: Dataset, module: str = "painn") -> FitInputs:
    parameters = SHORT if module == "painn" else {"epochs": 1}
    entry = Entry("larger", "radius_graph", module, module, parameters, {}, 0)
    return FitInputs(entry, dataset, graphs_of(dataset), {"dataset": {"name": "larger"}})


@pytest.fixture(scope="module")
def larger(qm9small) -> Dataset:
    """Forty molecules with seven heavy atoms, with fluorine among them."""
    seven = np.flatnonzero((qm9small.charges > 1).sum(axis=1) == 7)
    fluorinated = np.flatnonzero((qm9small.charges == 9).any(axis=1))
    return qm9small[np.union1d(seven[::80], np.intersect1d(seven, fluorinated)[:4])]


@pytest.fixture(scope="module")
def smaller(qm9small) -> Dataset:
    """Forty molecules with at most six heavy atoms, without fluorine."""
    few = ((qm9small.charges > 1).sum(axis=1) < 7) & ~(qm9small.charges == 9).any(axis=1)
    return qm9small[np.flatnonzero(few)[:400:10]]


@pytest.fixture(scope="module")
def pretrained(larger, tmp_path_factory) -> Path:
    """`model.json` of a network that saw the larger molecules."""
    files = FitFiles(tmp_path_factory.mktemp("pretrained"))
    pretrain(inputs_of(larger), 0, files)
    return files.model


def test_what_was_learnt_from_is_said(larger, pretrained):
    facts = read_json(pretrained)
    assert facts["molecules"] == len(larger)
    assert facts["heavy_atoms"] == [7, 7]
    assert facts["cpu_seconds"] > 0


def test_so_many_molecules_are_drawn(larger, tmp_path):
    facts = pretrain(inputs_of(larger), 10, FitFiles(tmp_path))
    assert facts["molecules"] == 10


def test_the_entrys_seed_decides_which_molecules_are_drawn(larger, tmp_path):
    """The network has a seed of its own here; the scale is that of the molecules' energies."""

    def scale(folder: str, seed: int) -> float:
        parameters = {**SHORT, "seed": 5}
        inputs = inputs_of(larger)
        entry = dataclasses.replace(inputs.entry, parameters=parameters, seed=seed)
        files = FitFiles(tmp_path / folder)
        pretrain(dataclasses.replace(inputs, entry=entry), 10, files)
        with np.load(files.arrays) as arrays:
            return float(arrays["scale"])

    first = scale("first", 1)
    assert scale("again", 1) == first
    assert scale("other", 2) != first


def test_a_fit_begins_with_the_weights_and_the_unit_of_the_pretrained_network(smaller, pretrained):
    graphs = graphs_of(smaller)
    model = Painn(**SHORT, learning_rate=1e-12, seed=1)
    start_from_pretrained(model, "painn", pretrained)
    model.fit(graphs, smaller.energies)

    theirs = Painn(**SHORT)
    with np.load(pretrained.with_name("model.npz")) as file:
        theirs.restore(dict(file))
    assert model.scale_ == theirs.scale_
    # Only the reference energies are the fit's own; compositions determine what they change.
    difference = model.predict(graphs) - theirs.predict(graphs)
    of_references = model._references(graphs) - theirs._references(graphs)
    np.testing.assert_allclose(difference, of_references, atol=1e-2)  # kcal/mol, float32


def test_elements_that_are_new_keep_their_own_weights_and_the_others_take_over(smaller, pretrained):
    chlorinated = dataclasses.replace(smaller, charges=smaller.charges.copy())
    chlorinated.charges[0, 0] = 17
    graphs = graphs_of(chlorinated)
    model, alone = (Painn(**SHORT, learning_rate=1e-12, seed=1) for _ in range(2))
    start_from_pretrained(model, "painn", pretrained)
    ours = model.fit(graphs, smaller.energies).state()
    own = alone.fit(graphs, smaller.energies).state()
    with np.load(pretrained.with_name("model.npz")) as file:
        theirs = dict(file)
    elements, before = ours["facts.elements"].tolist(), theirs["facts.elements"].tolist()
    assert set(elements) - set(before) == {17}
    for charge in elements:
        source, known = (theirs, before) if charge in before else (own, elements)
        np.testing.assert_allclose(
            ours["network.embedding.elements.weight"][elements.index(charge) + 1],
            source["network.embedding.elements.weight"][known.index(charge) + 1],
            atol=1e-6,
        )


def test_a_test_molecule_that_may_have_been_seen_is_an_error(larger, smaller, pretrained):
    assert pretraining_facts(pretrained, smaller)["dataset"] == "larger"
    with pytest.raises(ModelError, match="may be one of them"):
        pretraining_facts(pretrained, larger)


def test_a_network_of_another_shape_is_an_error(smaller, pretrained):
    model = Painn(**{**SHORT, "channels": 16})
    start_from_pretrained(model, "painn", pretrained)
    with pytest.raises(ModelError, match="another shape"):
        model.fit(graphs_of(smaller), smaller.energies)


def test_a_model_that_cannot_begin_with_anothers_weights_is_an_error(larger, tmp_path):
    with pytest.raises(ModelError, match="custom_gnn cannot start"):
        pretrain(inputs_of(larger, "custom_gnn"), 0, FitFiles(tmp_path))


def test_a_damaged_pretrained_network_is_removed(larger, tmp_path):
    files = FitFiles(tmp_path)
    pretrain(inputs_of(larger), 8, files)
    files.arrays.write_bytes(files.arrays.read_bytes()[:-1])
    with pytest.raises(ArtefactError, match="damaged"):
        start_from_pretrained(Painn(**SHORT), "painn", files.model)
    assert not files.model.exists()


@pytest.mark.parametrize("command", ["fit", "curve_point"])
def test_commands_begin_with_the_pretrained_network_and_say_so(
    command, larger, smaller, pretrained, tmp_path, capsys
):
    def run(molecules: Dataset) -> tuple[int, Path]:
        folder = tmp_path / f"{len(molecules)}"
        dataset, feature = folder / "dataset" / "metadata.json", folder / "graph" / "metadata.json"
        write_dataset(dataset, molecules, {"sha256": "0" * 64})
        graph = json.dumps({"module": "radius_graph", "parameters": {"cutoff": 4.0}})
        words = ["feature", dataset, "--name", "graph", "--settings", graph, "--output", feature]
        assert main([str(word) for word in words]) == 0
        settings = {"module": "painn", "parameters": SHORT, "grid": {}, "seed": 0}
        words = [command, "--dataset", dataset, "--feature", feature, "--feature-name", "graph"]
        words += ["--model", "painn", "--settings", json.dumps(settings), "--fold", 0]
        output = folder / "metrics.json"
        point = ["--size", 20, "--draw", 0, "--output", output]
        own = {"fit": ["--output", folder], "curve_point": point}[command]
        words += ["--pretrained", pretrained, *own]
        return main([str(word) for word in words]), output

    failed, output = run(smaller)
    assert not failed
    assert read_json(output)["pretraining"]["dataset"] == "larger"
    failed, _ = run(larger)
    assert failed
    assert "may be one of them" in capsys.readouterr().err
