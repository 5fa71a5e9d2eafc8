"""What the explorer carries with it."""

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from report_example import small_dataset, summarized, write_results

from qm7bench.report import explorer as report_explorer
from qm7bench.report.explorer import explorer_page
from qm7bench.report.reading import read_report_data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    write_results(folder, small_dataset())
    metadata = folder / "dataset" / "metadata.json"
    return read_report_data(metadata, summarized(folder), folder / "models")


def payload_of(page):
    text = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)[1]
    return json.loads(text)


def unpacked(text, kind):
    return np.frombuffer(base64.b64decode(text), dtype=f"<{kind}")


def test_geometries_come_back_to_a_thousandth_of_an_angstrom(data):
    found = payload_of(explorer_page(data, "report.html"))
    dataset = data.dataset
    ends = np.cumsum(unpacked(found["atoms"], "u2"))
    positions = unpacked(found["positions"], "i2").reshape(-1, 3) * found["unit"]
    charges = unpacked(found["charges"], "u1")
    assert ends[-1] == len(charges) == len(positions)
    for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        real = dataset.charges[i] > 0
        expected = dataset.positions[i][real] - dataset.positions[i][real].mean(axis=0)
        np.testing.assert_allclose(positions[start:end], expected, atol=6e-4)  # Angstrom
        assert charges[start:end].tolist() == dataset.charges[i][real].tolist()


def test_every_entry_has_its_error_of_every_molecule(data):
    found = payload_of(explorer_page(data, "report.html"))
    assert len(found["entries"]) == len(data.entries)
    for entry, packed in zip(data.entries, found["entries"], strict=True):
        np.testing.assert_allclose(unpacked(packed["errors"], "f4"), entry.errors, rtol=1e-6)


def test_large_molecules_and_large_fold_labels_come_back_too(data):
    dataset = data.dataset
    wide = replace(dataset, positions=20 * dataset.positions, folds=dataset.folds + 20231100)
    found = payload_of(explorer_page(replace(data, dataset=wide), "report.html"))
    assert unpacked(found["folds"], "i4").tolist() == wide.folds.tolist()
    positions = unpacked(found["positions"], "i2").reshape(-1, 3) * found["unit"]
    real = dataset.charges > 0
    expected = [
        20 * (p[r] - p[r].mean(axis=0)) for p, r in zip(dataset.positions, real, strict=True)
    ]
    np.testing.assert_allclose(positions, np.concatenate(expected), atol=2e-3)  # Angstrom


def test_where_not_all_molecules_fit_the_worst_are_kept_and_it_is_said(data, monkeypatch):
    monkeypatch.setattr(report_explorer, "LARGEST", 3000)
    page = explorer_page(data, "report.html")
    kept = [int(number) for number in payload_of(page)["ids"]]
    assert 0 < len(kept) < len(data.dataset)
    assert f"{len(data.dataset) - len(kept):,} molecules with smaller errors" in page
    size = np.median(np.abs([entry.errors for entry in data.entries]), axis=0)
    left_out = sorted(set(range(len(size))) - set(kept))
    assert size[kept].min() >= size[left_out].max()
