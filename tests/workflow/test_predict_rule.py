"""The rule that predicts a user's molecules: asked for by name, after the fit that it needs."""

import re


def test_predictions_asked_for_by_name_come_after_their_fit(nothing_run):
    (nothing_run.folder / "data" / "new.xyz").write_text("2\n\nH 0 0 0\nH 0 0 0.74\n")
    target = "results/my_molecules/predictions/atom_counts/mean_predictor/fold0/new.csv"
    planned = nothing_run.snakemake("--cores", "1", "--dry-run", target)
    assert planned.status == 0, planned.text
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned.text, re.M))
    assert counts == {"dataset": "1", "feature": "1", "fit": "1", "predict": "1", "total": "4"}
