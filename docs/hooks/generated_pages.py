"""Pages that MkDocs makes while it builds: the commands from their help, the API from docstrings.

They are made from the code of the moment, so that nothing can be out of date and nothing is
committed.
"""

from __future__ import annotations

import os

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from qm7bench.cli import command_names, command_parser
from qm7bench.documentation.imports import PACKAGE
from qm7bench.documentation.rooms import LOOSE, ROOMS, Room

COMMANDS = "commands.md"
WIDTH = "96"
"""Columns of the help texts."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the pages to the navigation, in the section of references."""
    (reference,) = (entry["Reference"] for entry in config.nav or [] if "Reference" in entry)
    rooms = [{name: f"api/{name}.md"} for name in ROOMS]
    reference += [{"Commands": COMMANDS}, {"API": ["api/index.md", *rooms]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Make the pages."""
    pages = {COMMANDS: _commands(), "api/index.md": _index()}
    pages |= {f"api/{name}.md": _room(name, room) for name, room in ROOMS.items()}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def _commands() -> str:
    os.environ["COLUMNS"] = WIDTH
    lines = ["# Commands", "", "Each subcommand of `qm7bench` does one step of the workflow and"]
    lines += ["can be used alone; this is what `qm7bench COMMAND --help` says.", ""]
    for name in command_names():
        lines += [
            f"## {name}",
            "",
            "```text",
            command_parser(name).format_help().rstrip(),
            "```",
            "",
        ]
    return "\n".join(lines)


def _index() -> str:
    lines = [
        "# API",
        "",
        "The package `qm7bench`, room by room; see [Architecture](../architecture.md).",
        "",
    ]
    lines += ["| room | what it is for |", "|---|---|"]
    lines += [f"| [{name}]({name}.md) | {room.purpose} |" for name, room in ROOMS.items()]
    lines += ["", "## Outside the rooms", ""]
    lines += [f"- `{name}`: {room.purpose}" for name, room in LOOSE.items()]
    lines += ["", *_module("qm7bench.prediction"), *_module("qm7bench.errors")]
    return "\n".join(lines)


def _room(name: str, room: Room) -> str:
    lines = [f"# {name}", "", room.purpose, ""]
    for path in sorted((PACKAGE / name).rglob("*.py")):
        if path.name != "__init__.py":
            module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            lines += _module(module)
    return "\n".join(lines)


def _module(name: str) -> list[str]:
    """Directive that mkdocstrings replaces by the module's docstrings."""
    return [f"::: {name}", ""]
