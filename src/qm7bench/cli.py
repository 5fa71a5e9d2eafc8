"""The command line: one module in `commands` for each subcommand, loaded when it is called."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType

from qm7bench.errors import UserError

COMMANDS = Path(__file__).parent / "commands"
DESCRIPTION = "Benchmark of machine learning on molecular atomization energies, step by step."
OUT_OF_MEMORY = (
    "the memory is used up; run fewer jobs at once (--cores), or ask the scheduler for more "
    "(`resources` of the model in config.yaml)"
)


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; return 0 only when its output is whole, 1 for a user's error."""
    words = sys.argv[1:] if arguments is None else arguments
    names = command_names()
    parser = argparse.ArgumentParser("qm7bench", description=DESCRIPTION, epilog=_overview(names))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=names, metavar="command")
    command = parser.parse_args(words[:1]).command
    own = command_parser(command)
    module = _module(command)
    try:
        module.run(own.parse_args(words[1:]))
    except UserError as error:
        traceback.print_exc()
        print(f"qm7bench {command}: error: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        traceback.print_exc()
        print(f"qm7bench {command}: error: {OUT_OF_MEMORY}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    return 0


def command_names() -> list[str]:
    """Every subcommand."""
    return sorted(f.stem for f in COMMANDS.glob("[a-z]*.py"))


def command_parser(command: str) -> argparse.ArgumentParser:
    """Parser of a subcommand's options, whose help is that of `qm7bench COMMAND --help`."""
    module = _module(command)
    parser = argparse.ArgumentParser(
        f"qm7bench {command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return parser


def _module(command: str) -> ModuleType:
    return importlib.import_module(f"qm7bench.commands.{command}")


def _overview(names: list[str]) -> str:
    """One line for each command: the first of its docstring, read without importing it."""
    lines = ["commands:"]
    for name in names:
        text = ast.get_docstring(ast.parse((COMMANDS / f"{name}.py").read_text("utf-8"))) or ""
        lines.append(f"  {name:<12} {text.splitlines()[0]}")
    lines.append("\n`qm7bench COMMAND --help` shows a command's options and an example.")
    return "\n".join(lines)
