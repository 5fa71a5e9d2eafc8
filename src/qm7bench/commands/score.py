r"""Score predictions that were made elsewhere, beside every published entry.

The file is CSV (or Parquet) with the columns `id` and `prediction`: atomization energies in
kcal/mol, negative for bound molecules, each by a model that was not trained on the molecule. A
column `fold` says which folds you used, if not the predefined ones; `qm7bench folds` writes ids and
folds. Molecules may lack; they are counted.

It prints MAE and RMSE, by fold; the place among the published entries; a paired test with each of
them, corrected for their number; and for which molecules the predictions are better and worse.
Usual slips are recognised and named: eV or Hartree, the other sign, total energies, ids off by one
or shuffled. Such a file is an error, exit status 1, unless you give --as-it-is.

--save NAME keeps the predictions as an external entry, which leaderboard and README show as "not
re-run": two files in results/published/DATASET/external/, for a pull request.

example:
  qm7bench score predictions.csv --dataset qm7 --report score.html

  qm7bench score predictions.csv --save my_model --author "A. Chemist" --method "SOAP + GPR" \
      --training-data "training folds alone" --link https://doi.org/10.1000/182
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.published_folder import published_folder
from qm7bench.artefacts.results_tree import PUBLISHED, PublishedFiles, filled
from qm7bench.commands._named_dataset import HELP, named_dataset
from qm7bench.errors import UserError
from qm7bench.installation import version
from qm7bench.leaderboard.published_predictions import read_published_predictions
from qm7bench.scoring.predictions_file import read_predictions
from qm7bench.scoring.saving import save
from qm7bench.scoring.score import Score, score
from qm7bench.scoring.text import score_text

logger = logging.getLogger(__name__)
DESCRIBED = {
    "author": "who made the predictions",
    "method": "representation and model, in a few words",
    "training_data": "what it was trained on, pretraining and baselines too",
    "link": "address of paper or code, https://...",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("predictions", type=Path, help="CSV or Parquet: id, prediction, fold")
    parser.add_argument("--dataset", default="qm7", help=f"{HELP} (default: qm7)")
    parser.add_argument("--all", action="store_true", help="show every published entry")
    parser.add_argument(
        "--as-it-is", action="store_true", help="score the file although it has a slip"
    )
    parser.add_argument("--report", type=Path, help="a page with everything, HTML")
    parser.add_argument(
        "--published", type=Path, help="published results, if not those of the installation"
    )
    saving = parser.add_argument_group("an external entry of the leaderboard")
    saving.add_argument("--save", metavar="NAME", help="its name: letters, digits, _ . -")
    for name, what in DESCRIBED.items():
        saving.add_argument(f"--{name.replace('_', '-')}", help=what)


def run(options: argparse.Namespace) -> None:
    """Read, score, print, and write what was asked for."""
    _refuse_half_described(options)
    found = _score(options)
    sys.stdout.write(score_text(found, options.all))
    if options.report:
        from qm7bench.report.score_page import score_page

        with atomic_path(options.report) as temporary:
            temporary.write_text(score_page(found), encoding="utf-8")
    if options.save:
        _save(found, options)


def _refuse_half_described(options: argparse.Namespace) -> None:
    given = [name for name in DESCRIBED if getattr(options, name) is not None]
    missing = [f"--{name.replace('_', '-')}" for name in DESCRIBED if name not in given]
    if options.save is not None and missing:
        raise UserError(f"--save needs {' and '.join(missing)} too; readers want to know")
    if options.save is None and given:
        raise UserError(f"--{given[0].replace('_', '-')} describes an entry to --save; give both")


def _save(found: Score, options: argparse.Namespace) -> None:
    """Write the entry below the folder that was named, or the working directory."""
    default = filled(PUBLISHED.folder, dataset=found.dataset.name)
    files = PublishedFiles(options.published or Path(default)).external
    save(found, files, options.save, {name: getattr(options, name) for name in DESCRIBED})
    logger.info(
        "saved %s and %s; `qm7bench publish` puts them into README and leaderboard, and a pull "
        "request shows them to everyone",
        files.entry(options.save),
        files.predictions(options.save).name,
    )


def _score(options: argparse.Namespace) -> Score:
    logger.info("qm7bench %s", version())
    file = read_predictions(options.predictions)
    dataset = named_dataset(options.dataset)
    folder = options.published or published_folder(dataset.name)
    published = read_published_predictions(folder) if folder else []
    return score(file, dataset, published, options.as_it_is)
