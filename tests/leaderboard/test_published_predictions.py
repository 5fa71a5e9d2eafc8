"""Published predictions as a checkout has them, and as an installed package brings them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from qm7bench.artefacts import published_folder as folders
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.artefacts.published_folder import published_folder
from qm7bench.artefacts.results_tree import PublishedFiles
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.published_predictions import pack, read_published_predictions

WITHOUT_PYARROW = """
import sys
from pathlib import Path
sys.modules["pyarrow"] = sys.modules["pandas"] = None
from qm7bench.leaderboard.published_predictions import read_published_predictions
print(len(read_published_predictions(Path(sys.argv[1]))))
"""
PAINN = ("radius_graph", "painn")


@pytest.fixture(scope="module")
def published(repository):
    return repository / "results" / "published" / "qm7"


@pytest.fixture(scope="module")
def packed(published, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package") / "qm7"
    pack(published, folder)
    return folder


def by_id(entry):
    order = np.argsort(entry.ids)
    return entry.ids[order], entry.folds[order], entry.predictions[order]


def test_packed_predictions_equal_the_published_ones_in_every_digit(published, packed):
    own, others = (read_published_predictions(folder) for folder in (published, packed))
    assert [entry.name for entry in own] == [entry.name for entry in others]
    assert [entry.mae for entry in own] == [entry.mae for entry in others]
    for one, other in zip(own, others, strict=True):
        for column, expected in zip(by_id(other), by_id(one), strict=True):
            assert np.array_equal(column, expected, equal_nan=True), one.name


def test_the_best_entry_comes_first_and_separate_tracks_last(published):
    entries = read_published_predictions(published)
    tracks = [entry.track for entry in entries]
    assert tracks == sorted(tracks)
    main = [entry.mae for entry in entries if not entry.track]
    assert main == sorted(main)


def test_packed_predictions_are_a_few_megabytes_and_need_no_pyarrow(packed):
    assert sum(path.stat().st_size for path in packed.iterdir()) < 4e6
    words = [sys.executable, "-c", WITHOUT_PYARROW, str(packed)]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    assert int(found.stdout) == len(read_published_predictions(packed))


def test_packed_predictions_that_lack_an_entry_are_refused(packed, tmp_path):
    shutil.copytree(packed, tmp_path / "qm7")
    summary = PublishedFiles(tmp_path / "qm7").summary
    summary.write_text(summary.read_text().replace("radius_graph,painn,", "radius_graph,other,"))
    with pytest.raises(ArtefactError, match="older than the leaderboard"):
        read_published_predictions(tmp_path / "qm7")


def test_a_folder_without_a_leaderboard_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match="does not exist; give a folder of published results"):
        read_published_predictions(tmp_path)
    PublishedFiles(tmp_path).summary.write_text("a,b\n1,2\n")
    with pytest.raises(ArtefactError, match="is not a leaderboard"):
        read_published_predictions(tmp_path)


def test_entries_that_disagree_on_a_fold_are_not_packed(published, tmp_path):
    shutil.copytree(published, tmp_path / "qm7")
    path = PublishedFiles(tmp_path / "qm7").predictions(*PAINN)
    table = read_table(path)
    write_table(path, {**table, "fold": np.where(table["id"] == 3, 0, table["fold"])})
    with pytest.raises(ArtefactError, match="molecule 3 is in several folds"):
        pack(tmp_path / "qm7", tmp_path / "packed")


def test_published_results_are_found_in_any_checkout_and_else_in_the_package(
    packed, published, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert published_folder("qm7").samefile(published)
    assert published_folder("nothing_published") is None
    package = tmp_path / "site-packages" / "qm7bench"
    monkeypatch.setattr(folders, "PACKAGE", package)
    assert published_folder("qm7") is None
    shutil.copytree(packed, package / "published" / "qm7")
    assert published_folder("qm7") == package / "published" / "qm7"
    shutil.copytree(packed, tmp_path / "results" / "published" / "qm7")
    assert os.fspath(published_folder("qm7")) == os.path.join("results", "published", "qm7")
