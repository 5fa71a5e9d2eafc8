r"""Make the table of learning curves of what the points left: Parquet, CSV and Markdown.

example:
  qm7bench curves --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --points results/qm7/learning_curves --output results/qm7/learning_curves \
      --curves '[{"row": "eigenspectrum/ridge", "sizes": [100, 200], "draws": 3, "folds": [0]}]'
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import read_json, sha256_of
from qm7bench.artefacts.parquet import write_records
from qm7bench.commands import _options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_dataset(parser)
    _options.add_models(parser)
    parser.add_argument("--points", type=Path, required=True, help="folder of all points")
    parser.add_argument(
        "--curves", type=_options.json_value, required=True, help="the curves, as JSON"
    )
    _options.add_output(parser, "path without its ending")


def run(options: argparse.Namespace) -> None:
    """Read, fit the exponents, write."""
    import pandas as pd

    from qm7bench.leaderboard.files import write_csv, write_text
    from qm7bench.leaderboard.learning_curves import curve_records, to_markdown

    name, sha256 = read_json(options.dataset)["name"], sha256_of(options.dataset)
    records = [
        record
        for curve in options.curves
        for record in curve_records(name, sha256, options.models, options.points, curve)
    ]
    title = f"# {name}: learning curves\n\n"
    write_csv(options.output.with_suffix(".csv"), pd.DataFrame(records))
    write_text(options.output.with_suffix(".md"), title + to_markdown(records))
    write_records(options.output.with_suffix(".parquet"), records)
