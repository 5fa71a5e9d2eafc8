"""An artefact damaged after it was written: its reader finds it, the next run regenerates it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from running import TABLES, Workflow

RIDGE = "models/eigenspectrum/ridge"


def damage(path):
    """Flip one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def predict(workflow: Workflow, folder: str) -> subprocess.CompletedProcess[str]:
    """Predict the user's molecules with a fitted model."""
    words = ["predict", "data/my_molecules.xyz", "--model", str(workflow.results / folder)]
    return subprocess.run(
        [sys.executable, "-m", "qm7bench", *words],
        cwd=workflow.folder,
        env=workflow.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fitted_model_removed_by_its_reader_is_regenerated(finished):
    damage(finished.results / RIDGE / "fold1" / "model.npz")
    assert "model.npz was damaged" in predict(finished, f"{RIDGE}/fold1").stderr
    assert finished.planned() == {"models/eigenspectrum.ridge.fold1"} | TABLES


def test_features_and_distances_may_be_deleted_to_free_the_disk(finished):
    for name in ("features", "distances"):
        (finished.results / name).rename(finished.folder / name)
    assert finished.planned() == set()


@pytest.mark.slow
def test_a_damaged_feature_is_found_named_removed_and_regenerated(finished, complete):
    damage(finished.results / "features" / "eigenspectrum" / "values.npy")
    finished.append("src/qm7bench/models/ridge.py", "\n# run again\n")
    run = finished.snakemake("--cores", "2", "--show-failed-logs", "--quiet", "rules")
    assert run.status == 1
    where = "results/my_molecules/features/eigenspectrum/metadata.json"
    expected = (
        f"qm7bench select: error: {where}: values.npy was damaged after it was written "
        "(checksum differs); it was removed; run again to regenerate it"
    )
    assert expected in [line.strip() for line in run.text.splitlines()][-30:]
    assert not (finished.folder / where).exists()
    jobs = finished.run()
    assert "features/eigenspectrum" in jobs
    assert not {"dataset", "features/atom_counts"} & jobs
    assert finished.same_results_as(complete)


@pytest.mark.slow
def test_a_damaged_prediction_is_found_by_the_table_and_regenerated(finished, complete):
    damage(finished.results / RIDGE / "fold0" / "predictions.parquet")
    (finished.results / "summary.md").unlink()
    run = finished.snakemake("--cores", "2")
    assert run.status == 1
    said = "fold0/metrics.json: predictions.parquet was damaged after it was written"
    assert said in run.text
    assert "Traceback" not in run.text
    logs = [path.read_text() for path in finished.results.rglob("*.log")]
    assert [text for text in logs if said in text and text.startswith("Traceback")]
    assert finished.run() == {"models/eigenspectrum.ridge.fold0"} | TABLES
    assert finished.same_results_as(complete)


@pytest.mark.slow
def test_a_damaged_data_set_is_found_removed_and_regenerated(finished, complete):
    damage(finished.results / "dataset" / "molecules.parquet")
    (finished.results / "summary.md").unlink()
    run = finished.snakemake("--cores", "2", "--show-failed-logs")
    assert run.status == 1
    assert "dataset/metadata.json: molecules.parquet was damaged" in run.text
    assert "dataset" in finished.run()
    assert finished.same_results_as(complete)
