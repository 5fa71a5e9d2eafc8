"""Write the pages of all features and models from their docstrings.

example:
  qm7bench document --output docs
"""

from __future__ import annotations

import argparse
import ast
import inspect
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.registry.modules import PACKAGE, Kind, known, parameters_of
from qm7bench.registry.parameters import class_name

TITLES: dict[Kind, str] = {"features": "Representations", "models": "Models"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--output", type=Path, required=True, help="folder for the pages")


def run(options: argparse.Namespace) -> None:
    """Write both pages."""
    for kind in TITLES:
        with atomic_path(options.output / f"{kind}.md") as temporary:
            temporary.write_text(page(kind), encoding="utf-8")


def page(kind: Kind) -> str:
    """Markdown of all features or models: what their docstrings say, and their parameters."""
    lines = [f"# {TITLES[kind]}", "", "Made by `qm7bench document` from the docstrings."]
    for name in known(kind):
        lines += ["", f"## {name}", "", _docstring(kind, name)]
        declared = parameters_of(kind, name).values()
        if declared:
            lines += ["", "| parameter | allowed | default |", "|---|---|---|"]
            lines += [f"| {p.name} | {p.allowed()} | {p.default!r} |" for p in declared]
    return "\n".join(lines) + "\n"


def _docstring(kind: Kind, name: str) -> str:
    """Docstring of the module's class as Markdown, read without importing it."""
    tree = ast.parse((PACKAGE / kind / f"{name}.py").read_text(encoding="utf-8"))
    wanted = class_name(name)
    node = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == wanted)
    lines = inspect.cleandoc(ast.get_docstring(node) or "").splitlines()
    text: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            text.append(f"**{line}**")
        elif set(line) == {"-"}:
            text.append("")
        else:
            text.append(line)
    return "\n".join(text)
