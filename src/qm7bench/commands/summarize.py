r"""Make the leaderboard of what the fits left: Parquet, CSV and Markdown.

example:
  qm7bench summarize --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --rows eigenspectrum/ridge atom_counts/mean_predictor --folds 0 1 2 3 4 \
      --output results/qm7/summary
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path, read_json
from qm7bench.artefacts.parquet import write_records
from qm7bench.datasets.storage import read_dataset
from qm7bench.leaderboard.markdown import to_csv, to_markdown
from qm7bench.leaderboard.summary import read_row, summarize


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--models", type=Path, required=True, help="folder of all fits")
    parser.add_argument("--rows", nargs="+", required=True, help="FEATURE/MODEL of each row")
    parser.add_argument("--folds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="path without its ending")


def run(options: argparse.Namespace) -> None:
    """Read, summarize, write."""
    metadata = read_json(options.dataset)
    rows = [read_row(options.models / row, options.folds) for row in options.rows]
    records = summarize(read_dataset(options.dataset), rows)
    made_from = metadata["made_from"]
    title = (
        f"# {metadata['name']}: atomization energies, errors in kcal/mol\n\n"
        f"{metadata['molecules']:,} molecules, sha256 {made_from['sha256'][:16]}...\n\n"
    )
    for ending, text in ((".csv", to_csv(records)), (".md", title + to_markdown(records))):
        with atomic_path(options.output.with_suffix(ending)) as temporary:
            temporary.write_text(text, encoding="utf-8")
    write_records(options.output.with_suffix(".parquet"), records)
