"""The rooms of the package: what each is for, and which others it may import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """One folder of the package, or one of the modules outside all folders."""

    purpose: str
    may_import: str = ""
    """Names of rooms, separated by blanks; all stand earlier in `ROOMS`."""


ROOMS = {
    "artefacts": Room(
        "Files below `results/`: their paths, written whole or not at all, with checksums."
    ),
    "chemistry": Room(
        "Elements, units, distances, bonds, Coulomb matrices, extended Hueckel, functional groups."
    ),
    "registry": Room(
        "Finds a representation, model or data set by name, reads its parameters, lists its source "
        "files."
    ),
    "configuration": Room(
        "Checks `config.yaml` and fills in what it leaves out.", "artefacts registry"
    ),
    "datasets": Room(
        "One module for each source of molecules; all return one `Dataset`.", "artefacts chemistry"
    ),
    "layouts": Room(
        "How representations are held in memory: tables, graphs, atoms, edges.",
        "artefacts chemistry datasets",
    ),
    "planning": Room(
        "What the workflow's rules ask: inputs, settings and resources of each job.",
        "artefacts chemistry configuration datasets layouts registry",
    ),
    "regression": Room("Solvers, kernels and standardization that models share.", "layouts"),
    "features": Room("One module for each representation.", "chemistry datasets layouts registry"),
    "training": Room(
        "The training loop of the neural networks.",
        "artefacts chemistry layouts registry regression",
    ),
    "models": Room("One module for each model.", "chemistry layouts registry regression training"),
    "evaluation": Room(
        "The protocol: nested selection, intervals, paired tests, errors.",
        "artefacts chemistry datasets models registry",
    ),
    "fitting": Room(
        "Jobs that fit a model and write what it predicts.",
        "artefacts datasets evaluation models registry",
    ),
    "ensembles": Room(
        "Entries that combine other entries.", "artefacts datasets evaluation fitting"
    ),
    "leaderboard": Room(
        "The leaderboard, its published form and the figures that it is compared with.",
        "artefacts datasets evaluation fitting registry",
    ),
    "scoring": Room(
        "Scores predictions that others made: slips, paired tests, where they are better.",
        "artefacts chemistry datasets evaluation leaderboard",
    ),
    "beyond": Room(
        "Tests beyond the random fold: isomers, reactions, experiment, geometry.",
        "artefacts chemistry datasets leaderboard",
    ),
    "report": Room(
        "The report: sections, figures, templates, molecules in 3-D.",
        "artefacts beyond chemistry datasets evaluation fitting leaderboard scoring",
    ),
    "shipped": Room(
        "Models that ship with the package: how they are made, chosen for a file and predict.",
        "artefacts chemistry datasets evaluation features fitting layouts models registry "
        "regression prediction",
    ),
    "documentation": Room(
        "Pages of the documentation that are made from the code.",
        "artefacts beyond leaderboard registry",
    ),
    "testing": Room(
        "Checks that every representation and model passes, for plug-ins too.",
        "chemistry datasets features layouts models",
    ),
    "commands": Room(
        "One module for each subcommand of `qm7bench`; one subcommand for each rule.",
        "artefacts beyond datasets documentation ensembles evaluation features fitting layouts "
        "leaderboard models registry report scoring shipped prediction",
    ),
}
"""Every room, in the order of the plan: a room imports only rooms above it."""

LOOSE = {
    "errors": Room("The errors that a user can put right; any room may import them."),
    "compiled_functions": Room("The decorator that compiles functions by Numba; for any room."),
    "installation": Room("The version, a GPU, which extra brings what is missing; for any room."),
    "seeds": Room("Seeds derived from data set, representation, model and fold; for any room."),
    "tally": Room("How many molecules a long job has done, in its log; for any room."),
    "prediction": Room(
        "A fitted model read back from its folder, to predict new molecules.",
        "artefacts datasets ensembles evaluation fitting layouts registry",
    ),
    "__init__": Room("Finds `qm7bench.predict` when it is asked for.", "shipped"),
    "cli": Room("The command line: finds the subcommand and reports a user's error in one line."),
    "__main__": Room("Makes `python -m qm7bench` work.", "cli"),
}
"""The only modules outside the rooms."""

ANYWHERE = frozenset({"compiled_functions", "errors", "installation", "seeds", "tally"})
"""Modules that every room may import; they are left out of the drawing."""
