"""Keys that stand twice in a section of a YAML file, of which YAML silently keeps the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from qm7bench.errors import ConfigurationError

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def refuse_repeated_keys(path: Path) -> None:
    """Check a file.

    Raises
    ------
    ConfigurationError
        With one line for each key that stands twice, naming both lines of the file.
    """
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=Loader)
    errors = [f"{path}: {line}" for line in _repeated(root, "")] if root else []
    if errors:
        raise ConfigurationError("\n".join(dict.fromkeys(errors)))


def _repeated(node: yaml.Node, place: str) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _repeated(value, f"{place}[{i}]")
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = f"{place}.{key.value}".removeprefix("."), key.start_mark.line + 1
            if name in lines and key.value != "<<":
                yield f"the key {name} stands twice, in lines {lines[name]} and {line}; keep one"
            lines.setdefault(name, line)
            yield from _repeated(value, name)
