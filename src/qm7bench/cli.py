"""The command line: one module in `commands` for each subcommand, loaded when it is called.

Heavy imports stand inside functions, so that `qm7bench --help` takes no time.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from qm7bench.errors import UserError
from qm7bench.installation import naming_the_extra, version

COMMANDS = Path(__file__).parent / "commands"
DESCRIPTION = "Benchmark of machine learning on molecular atomization energies, step by step."
TRACEBACK = "QM7BENCH_TRACEBACK"
"""Environment variable by which a user's error comes with its traceback."""
EPILOG = f"""
`qm7bench COMMAND --help` shows a command's options and an example. Results go to files or to
stdout, messages to stderr. An error that you can put right is one line; with {TRACEBACK}=1,
which the workflow sets for the logs of its jobs, its traceback stands before it."""
OUT_OF_MEMORY = (
    "the memory is used up; run fewer jobs at once (--cores), or ask the scheduler for more "
    "(`resources` of the model in config.yaml)"
)
INTERRUPTED = 130
"""Exit status after Ctrl-C, as of a program that the signal ends."""


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; return 0 only when its output is whole, 1 for a user's error."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--version"]:
        print(f"qm7bench {version()}")
        return 0
    command = _named(words[:1])
    with _messages_on_stderr():
        try:
            with naming_the_extra():
                options = command_parser(command).parse_args(words[1:])
                _refuse_overwriting(options)
                _module(command).run(options)
        except UserError as error:
            return _failed(command, str(error))
        except MemoryError:
            return _failed(command, OUT_OF_MEMORY)
        except BrokenPipeError:
            return 1
        except OSError as error:
            return _failed(command, _in_words(error))
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0


def _named(words: list[str]) -> str:
    """Name of the subcommand."""
    names = command_names()
    parser = argparse.ArgumentParser("qm7bench", description=DESCRIPTION, epilog=_overview(names))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument("command", choices=names, metavar="command")
    return str(parser.parse_args(words).command)


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
        with (COMMANDS / f"{name}.py").open(encoding="utf-8") as file:
            first = file.readline().strip().removeprefix("r").strip('"')
        lines.append(f"  {name:<12} {first}")
    return "\n".join([*lines, EPILOG])


@contextlib.contextmanager
def _messages_on_stderr() -> Iterator[None]:
    """Show what the package logs, each message as a line of its own."""
    import logging

    logger, handler = logging.getLogger("qm7bench"), logging.StreamHandler(sys.stderr)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _refuse_overwriting(options: argparse.Namespace) -> None:
    """Raise a UserError if a command would write its output over a file that it reads."""
    given = dict(vars(options))
    output = given.pop("output", None)
    if output is None or not output.is_file():  # a folder may be read and written
        return
    for name, value in given.items():
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, Path) and path.exists() and path.samefile(output):
                raise UserError(
                    f"--output {output} is the command's own input ({name}), which it would "
                    "overwrite; give another path"
                )


def _failed(command: str, message: str) -> int:
    """Say in a line why a command failed; return its exit status."""
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        import traceback

        traceback.print_exc()
    print(f"qm7bench {command}: error: {message}", file=sys.stderr)
    return 1


def _in_words(error: OSError) -> str:
    """What the operating system refused."""
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}"
