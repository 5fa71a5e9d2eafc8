r"""Compute one part of a model's kernel of one fold, from what `prepare_parts` wrote.

example:
  qm7bench part results/qm9/parts/fchl19/large_local_kernel_ridge/fold0/prepared/metadata.json \
      --number 3 --parts 22 \
      --output results/qm9/parts/fchl19/large_local_kernel_ridge/fold0/part3of22/metadata.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import read_artefact, sha256_of, write_artefact, write_json
from qm7bench.commands import _options
from qm7bench.errors import UserError
from qm7bench.fitting.job import cost_of_this_process
from qm7bench.models.interface import SharesParts
from qm7bench.registry.modules import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("prepared", type=Path, help="metadata.json of `prepare_parts`")
    parser.add_argument("--number", type=int, required=True, help="which part, from 0 on")
    parser.add_argument("--parts", type=int, required=True, help="how many there are")
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Compute and write, and what it cost beside it."""
    if not 0 <= options.number < options.parts:
        raise UserError(f"--number {options.number}: give one from 0 to {options.parts - 1}")
    prepared = read_artefact(options.prepared)
    if prepared.metadata.get("kind") != "prepared parts":
        raise UserError(f"{options.prepared}: give the metadata.json that `prepare_parts` wrote")
    model: SharesParts = load("models", prepared.metadata["module"])(
        **prepared.metadata["parameters"]
    )
    arrays = model.compute_part(prepared.arrays, options.number, options.parts)
    metadata = {"kind": "part", "prepared_sha256": sha256_of(options.prepared)}
    write_artefact(options.output, arrays, metadata)
    write_json(options.output.with_name("cost.json"), cost_of_this_process())
