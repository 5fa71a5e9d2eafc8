"""The rules of relaxed molecules: asked for by name, after the fits that they need."""

from __future__ import annotations

import csv
import re

TARGET = "results/my_molecules/beyond/geometry.csv"


def test_the_default_target_relaxes_nothing(nothing_run):
    planned = nothing_run.snakemake("--dry-run")
    assert planned.status == 0, planned.text
    assert "relax" not in planned.text


def test_relaxed_molecules_are_predicted_by_their_folds_models(finished):
    finished.configure(lambda c: c.update(geometry={"molecules": 3, "rows": ["eigenspectrum/*"]}))
    planned = finished.snakemake("--dry-run", TARGET)
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned.text, re.M))
    assert counts == {"relax": "1", "geometry": "1", "total": "2"}
    run = finished.snakemake("--cores", "1", TARGET)
    assert run.status == 0, run.text
    with (finished.folder / TARGET).open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted(line["model"] for line in lines) == [
        "k_nearest_neighbours",
        "kernel_ridge",
        "ridge",
    ]
    assert {line["molecules"] for line in lines} == {"3"}
