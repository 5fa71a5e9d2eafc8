"""Make the leaderboard of what the fits left: Parquet, CSV and Markdown.

example:
  qm7bench summarize --dataset results/qm7/dataset/metadata.json --models results/qm7/models \\
      --rows '[{"feature": "eigenspectrum", "model": "ridge", "grid": {}, "budget": ""}]' \\
      --folds 0 1 2 3 4 --output results/qm7/summary
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from qm7bench.artefact import atomic_path, read_json
from qm7bench.reporting.leaderboard import to_csv, to_markdown
from qm7bench.reporting.summary import read_row, summarize
from qm7bench.tables import write_records


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--models", type=Path, required=True, help="folder of all fits")
    parser.add_argument("--rows", type=json.loads, required=True, help="rows of the table, as JSON")
    parser.add_argument("--folds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="path without its ending")


def run(options: argparse.Namespace) -> None:
    """Read, summarize, write."""
    metadata = read_json(options.dataset)
    rows = [
        read_row(options.models / r["feature"] / r["model"], r, options.folds)
        for r in options.rows
    ]
    records = summarize(metadata["name"], rows)
    made_from = metadata["made_from"]
    note = (
        f"{metadata['molecules']:,} molecules of {metadata['name']} "
        f"(sha256 {made_from['sha256'][:16]}...)."
    )
    for ending, text in ((".csv", to_csv(records)), (".md", to_markdown(records, note))):
        with atomic_path(options.output.with_suffix(ending)) as temporary:
            temporary.write_text(text, encoding="utf-8")
    write_records(options.output.with_suffix(".parquet"), records)
