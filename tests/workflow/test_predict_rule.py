"""The rule that predicts a user's molecules: asked for by name, after the fit that it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_predictions_asked_for_by_name_come_after_their_fit(nothing_run):
    (nothing_run.folder / "data" / "new.xyz").write_text("2\n\nH 0 0 0\nH 0 0 0.74\n")
    target = "results/my_molecules/predictions/atom_counts/mean_predictor/fold0/new.csv"
    planned = nothing_run.snakemake("--cores", "1", "--dry-run", target)
    assert planned.status == 0, planned.text
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned.text, re.M))
    assert counts == {"dataset": "1", "feature": "1", "fit": "1", "predict": "1", "total": "4"}


@pytest.mark.parametrize(
    "name",
    [
        "scan@PBE0",
        "it's $HOME {more}",
        pytest.param("a name (with blanks) & dots.v1.2", marks=pytest.mark.slow),
        pytest.param("-Öl", marks=pytest.mark.slow),
    ],
)
def test_any_file_name_is_the_file_that_is_predicted(finished, name):
    data = finished.folder / "data"
    (data / "scan").write_text("2\n\nO 0 0 0\nO 0 0 1.2\n")
    (data / f"{name}.xyz").write_text("2\n\nH 0 0 0\nH 0 0 0.74\n")
    target = f"results/my_molecules/predictions/atom_counts/mean_predictor/fold0/{name}.csv"
    run = finished.snakemake("--cores", "1", target)
    assert run.status == 0, run.text
    lines = Path(finished.folder / target).read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["formula", "H2"]
