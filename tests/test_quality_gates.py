"""What is checked before a commit is what continuous integration checks."""

from __future__ import annotations

import re

import yaml


def test_pre_commit_runs_the_tools_of_make_check(repository):
    (recipe,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", (repository / "Makefile").read_text(), re.M)
    content = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    hooks = content["repos"][0]["hooks"]
    commands = [re.sub(r"^\t\$\(BIN\)/", ".venv/bin/", line) for line in recipe.splitlines()]
    subcommand = [re.sub(r" --check| \.$| Snakefile workflow$", "", line) for line in commands]
    assert [hook["entry"] for hook in hooks] == subcommand
