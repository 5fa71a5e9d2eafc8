"""Write the pages of the documentation that are made from code, schema and published results.

Run it in the repository's folder. Representations, models and configuration are whole pages; the
rooms of the package and the replicated study's figures are put between the marks of theirs.

example:
  qm7bench document --output docs
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.commands import _options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_output(parser, "folder of the pages")
    parser.add_argument(
        "--repository", type=Path, default=Path(), help="root of the repository (default: .)"
    )


def run(options: argparse.Namespace) -> None:
    """Write every generated page."""
    from qm7bench.documentation.pages import generated

    for name, text in generated(options.repository, options.output).items():
        with atomic_path(options.output / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
