"""The pages of docs/ that are made from code, schema and published results."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from qm7bench.cli import main
from qm7bench.documentation.pages import generated

COMMAND = "run: qm7bench document --output docs"
LINES = re.compile(r"^(\| `\w+` \|) (\d+|< 50) \|", re.M)
FILES = (
    "architecture.md",
    "architecture.svg",
    "beyond.md",
    "configuration.md",
    "features.md",
    "models.md",
    "replication.md",
    "results.md",
)


@pytest.fixture(scope="module")
def made(repository):
    """Text of every generated file as it should be."""
    return generated(repository, repository / "docs")


@pytest.fixture(scope="module")
def without_drafts(repository):
    """Remove the sections of representations and models that git does not know yet from a page."""
    folders = ("src/qm7bench/features", "src/qm7bench/models")
    command = ["git", "ls-files", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    drafts = [Path(line).stem for line in listed.stdout.splitlines()]

    def remove(text):
        for name in drafts:
            text = re.sub(rf"^## {name}\n.*?(?=^## |\Z)", "", text, flags=re.M | re.S)
        return text

    return remove


@pytest.mark.parametrize("name", FILES)
def test_a_generated_page_is_what_its_sources_say(name, made, repository, without_drafts):
    text = (repository / "docs" / name).read_text(encoding="utf-8")
    expected = without_drafts(made[name])
    assert LINES.sub(r"\1", text) == LINES.sub(r"\1", expected), COMMAND


def test_all_generated_pages_are_compared(made):
    assert set(made) == set(FILES)


def test_the_stated_lines_of_each_room_are_near_the_true_ones(made, repository):
    text = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    stated, true = (dict(LINES.findall(t)) for t in (text, made["architecture.md"]))
    for room, number in true.items():
        difference = abs(int(number.removeprefix("< ")) - int(stated[room].removeprefix("< ")))
        assert difference <= max(200, 0.2 * int(number.removeprefix("< "))), COMMAND


def test_the_command_writes_pages_that_are_as_they_should_be(repository, tmp_path, made):
    docs = tmp_path / "docs"
    shutil.copytree(repository / "docs", docs)
    for name in FILES:
        lines = (docs / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [
            line
            for line in lines
            if not line.startswith(("| `chemistry`", "| `eigenspectrum`", "| `mae`"))
        ]
        (docs / name).write_text("".join(kept if "<!--" in "".join(lines) else lines[:1]))
    assert main(["document", "--output", str(docs), "--repository", str(repository)]) == 0
    assert {name: (docs / name).read_text(encoding="utf-8") for name in FILES} == made
