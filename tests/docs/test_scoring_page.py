"""The example of the page on scores: a model that uses nothing of this package."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from qm7bench.cli import main


@pytest.fixture
def page(repository):
    return (repository / "docs" / "scoring.md").read_text(encoding="utf-8")


@pytest.mark.needs_qm7
def test_the_example_is_scored_as_the_page_says(page, qm7_file, tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    assert "qm7bench" not in code
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QM7_MAT", str(qm7_file))
    assert main(["folds", "qm7", "--output", "folds.csv"]) == 0
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert main(["score", "predictions.csv"]) == 0
    text = capsys.readouterr().out
    (mae,) = re.findall(r"^mean +(\S+)", text, re.M)
    (place,) = re.findall(r"^Place (\d+) ", text, re.M)
    said = re.search(r"It reaches (\S+) kcal/mol and place (\d+)", page)
    assert float(mae) == pytest.approx(float(said[1]), rel=0.02)
    assert abs(int(place) - int(said[2])) <= 1


@pytest.mark.needs_qm7
def test_the_transcript_is_that_of_painn(page, repository, qm7_file, tmp_path, monkeypatch, capsys):
    from qm7bench.artefacts.parquet import read_table

    monkeypatch.setenv("QM7_MAT", str(qm7_file))
    monkeypatch.chdir(tmp_path)
    published = repository / "results" / "published" / "qm7"
    table = read_table(published / "predictions" / "radius_graph.painn.parquet")
    pairs = zip(table["id"].tolist(), table["prediction"].tolist(), strict=True)
    lines = [f"{i},{prediction!r}" for i, prediction in pairs]
    (tmp_path / "painn.csv").write_text("\n".join(["id,prediction", *lines]))
    capsys.readouterr()
    assert main(["score", "painn.csv"]) == 0
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S)
    assert capsys.readouterr().out.startswith(shown)
