"""The pages of all representations and models, from their docstrings."""

from __future__ import annotations

import ast
import inspect
import re

from qm7bench.registry.modules import PACKAGE, Kind, known, parameters_of
from qm7bench.registry.parameters import class_name

TITLES: dict[Kind, str] = {"features": "Representations", "models": "Models"}
Sections = dict[str, list[str]]


def page(kind: Kind) -> str:
    """Markdown of all features or models: what their docstrings say, and their parameters."""
    lines = [f"# {TITLES[kind]}", "", "Made by `qm7bench document` from the docstrings."]
    for name in known(kind):
        sections = _sections(_docstring(kind, name))
        meanings = _meanings(sections.pop("Parameters", []))
        lines += ["", f"## {name}", "", *_prose(sections.pop(""))]
        for title, text in sections.items():
            lines += ["", f"**{title}**", "", *_prose(text)]
        lines += _parameters(kind, name, meanings)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text whose signs mean nothing in Markdown; what stands between backticks is left as it is."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p[:1] == "`" else re.sub(r"([*_|\[\]])", r"\\\1", p) for p in parts)


def _docstring(kind: Kind, name: str) -> list[str]:
    """Lines of the docstring of the module's class, read without importing it."""
    tree = ast.parse((PACKAGE / kind / f"{name}.py").read_text(encoding="utf-8"))
    wanted = class_name(name)
    node = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == wanted)
    return inspect.cleandoc(ast.get_docstring(node) or "").splitlines()


def _sections(lines: list[str]) -> Sections:
    """Lines of each section by its title; those before the first title have none."""
    sections: Sections = {"": []}
    title = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            title = line
            sections[title] = []
        elif not line or set(line) != {"-"}:
            sections[title].append(line)
    return sections


def _prose(lines: list[str]) -> list[str]:
    return [escaped(line) for line in "\n".join(lines).strip().splitlines()]


def _meanings(lines: list[str]) -> dict[str, str]:
    """What a parameter means, by its name; several names may share a description."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in filter(None, lines):
        if line[0] == " ":
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            names = line.split(" : ")[0].split(", ")
            found |= dict.fromkeys(names, "")
    return found


def _parameters(kind: Kind, name: str, meanings: dict[str, str]) -> list[str]:
    """Table of the parameters; nothing if there are none."""
    declared = parameters_of(kind, name).values()
    table = ["", "| parameter | allowed | default | meaning |", "|---|---|---|---|"]
    for p in declared:
        cells = (f"`{p.name}`", p.allowed(), f"`{p.default!r}`", escaped(meanings.get(p.name, "")))
        table.append("| " + " | ".join(cells) + " |")
    return table if declared else []
