"""What README and documentation tell a user to type and to write is there and is accepted."""

from __future__ import annotations

import copy
import re
import shlex
import tomllib

import pytest
import yaml

from qm7bench.cli import command_names, command_parser
from qm7bench.configuration.settings import load_settings

BLOCK = re.compile(r"((?:^    \S.*\n)(?:^(?:    .*)?\n)*)", re.M)
"""Indented blocks, which hold what is typed."""
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@pytest.fixture(scope="module")
def texts(repository):
    """README, CONTRIBUTING and the pages, by name; Python and trees are left out."""
    files = [repository / "README.md", repository / "CONTRIBUTING.md"]
    files += sorted((repository / "docs").glob("*.md"))
    return {path.name: path.read_text(encoding="utf-8") for path in files}


@pytest.fixture(scope="module")
def typed(texts):
    """Every line that is to be typed, with the name of its page; continued lines joined."""
    found = []
    for name, text in texts.items():
        for block in BLOCK.findall(FENCED.sub("", text)):
            lines = re.sub(r" \\\n\s*", " ", block).splitlines()
            found += [(name, line.split("  #")[0].strip()) for line in lines if line.strip()]
    return found


def test_every_make_target_that_is_named_exists(texts, repository):
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text("utf-8"), re.M))
    for name, text in texts.items():
        for target in re.findall(r"(?:^    |`)make ([a-z-]+)\b", text, re.M):
            assert target in targets, f"{name}: make {target}"


def test_every_subcommand_that_is_typed_exists_with_its_options(typed):
    commands = [(name, re.search(r"\bqm7bench ([a-z_]+\b.*)", line)) for name, line in typed]
    commands = [(name, shlex.split(match[1])) for name, match in commands if match]
    assert len(commands) > 3
    for name, words in commands:
        assert words[0] in command_names(), f"{name}: {words}"
        known = command_parser(words[0]).format_help()
        for option in (word for word in words[1:] if word.startswith("--")):
            assert f"{option} " in known or f"{option}\n" in known, f"{name}: {words}"


def test_every_path_of_the_repository_that_is_named_exists(texts, repository):
    roots = "benchmarks|docs|envs|src|tests|workflow"
    for name, text in texts.items():
        for path in re.findall(rf"`((?:{roots})/[\w./-]+)`", text):
            lesson = path.endswith(("/inertia.py", "/median_predictor.py"))
            assert lesson or (repository / path).exists(), f"{name}: {path}"


@pytest.mark.parametrize("page", ["changing.md", "datasets.md"])
def test_every_piece_of_configuration_is_accepted(page, texts, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "my_molecules.xyz").touch()
    shipped = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    pieces = [text for language, text in FENCED.findall(texts[page]) if language == "yaml"]
    assert pieces
    for piece in pieces:
        config = copy.deepcopy(shipped)
        for section, value in yaml.safe_load(piece).items():
            if section in ("datasets", "ensembles", "models"):
                config[section] = {**config.get(section, {}), **value}
            else:
                config[section] = value
        load_settings(config)


def test_every_dependency_is_explained_and_nothing_else(texts, repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {re.match(r"[\w-]+", text)[0] for text in sum(extras, project["dependencies"])}
    cells = re.findall(r"^\| ([\w, -]+) \|", texts["dependencies.md"], re.M)
    named = {name for cell in cells for name in cell.split(", ")} - {"package"}
    stubs = {name for name in wanted if name.startswith("types-") or name.endswith("-stubs")}
    assert named == wanted - stubs
