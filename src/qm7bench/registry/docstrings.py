"""Sections of docstrings in NumPy form, read from source without importing it."""

from __future__ import annotations

import ast
from pathlib import Path


def class_docstring(source: Path, name: str) -> str:
    """Docstring of a class of a file, without its indentation.

    Raises
    ------
    ValueError
        If the file has no such class.
    """
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return ast.get_docstring(node) or ""
    raise ValueError(f"{source}: no class {name}")


def sections(docstring: str) -> dict[str, list[str]]:
    """Lines of each section by its title; those before the first title have none."""
    lines = docstring.splitlines()
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if following and set(following) == {"-"}:
            title = line
            found[title] = []
        elif not line or set(line) != {"-"}:
            found[title].append(line)
    return found


def parameter_meanings(docstring: str) -> dict[str, str]:
    """What a parameter means, by its name; several names may share a description."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in filter(None, sections(docstring).get("Parameters", [])):
        if line[0] == " ":
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            names = line.split(" : ")[0].removesuffix(" and the rest").split(", ")
            found |= dict.fromkeys(names, "")
    return found
