"""The pages of all representations and models, from their docstrings."""

from __future__ import annotations

import re

from qm7bench.registry.docstrings import class_docstring, parameter_meanings, sections
from qm7bench.registry.modules import PACKAGE, Kind, known, parameters_of
from qm7bench.registry.parameters import class_name

TITLES: dict[Kind, str] = {"features": "Representations", "models": "Models"}


def page(kind: Kind) -> str:
    """Markdown of all features or models: what their docstrings say, and their parameters."""
    lines = [f"# {TITLES[kind]}", "", "Made by `qm7bench document` from the docstrings."]
    for name in known(kind):
        text = sections(class_docstring(PACKAGE / kind / f"{name}.py", class_name(name)))
        lines += ["", f"## {name}", "", *_prose(text.pop(""))]
        for title, below in text.items():
            if title != "Parameters":
                lines += ["", f"**{title}**", "", *_prose(below)]
        lines += _parameters(kind, name)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text whose signs mean nothing in Markdown; what stands between backticks is left as it is."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p[:1] == "`" else re.sub(r"([*_|\[\]])", r"\\\1", p) for p in parts)


def _prose(lines: list[str]) -> list[str]:
    return [escaped(line) for line in "\n".join(lines).strip().splitlines()]


def _parameters(kind: Kind, name: str) -> list[str]:
    """Table of the parameters; nothing if there are none.

    Where a network's classes say nothing of a parameter, the settings of its training do.
    """
    declared = parameters_of(kind, name).values()
    plan = parameter_meanings(class_docstring(PACKAGE / "training" / "plan.py", "TrainingPlan"))
    meanings = {
        p.name: plan.get(p.name, "") if p.meaning[:4] in ("", "See ") else p.meaning
        for p in declared
    }
    columns = ["parameter", "allowed", "default", *["meaning"] * any(meanings.values())]
    table = ["", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for p in declared:
        cells = (f"`{p.name}`", p.allowed(), f"`{p.default!r}`", escaped(meanings[p.name]))
        table.append("| " + " | ".join(cells[: len(columns)]) + " |")
    return table if declared else []
