"""Files of the models that ship: whole, small, and refused if they were damaged."""

from __future__ import annotations

import json
import shutil

import pytest

from qm7bench.errors import ArtefactError
from qm7bench.shipped.card import model_card
from qm7bench.shipped.files import MODELS, ShippedFiles, files_of, names

LARGEST = 20_000_000


@pytest.fixture
def copy(made, tmp_path):
    """A copy of a model, to be damaged."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return ShippedFiles(tmp_path / "copy")


def test_all_models_are_in_the_package():
    assert names() == list(MODELS)


@pytest.mark.parametrize("name", names())
def test_files_of_the_package_are_whole_and_small_and_have_their_card(name):
    files = files_of(name)
    arrays, described = files.read()
    size = files.arrays.stat().st_size
    assert size <= LARGEST
    assert described["name"] == name
    assert files.card.read_text(encoding="utf-8") == model_card(described, size)
    n = described["dataset"]["molecules"]
    assert not [key for key, array in arrays.items() if n in array.shape]
    assert len(arrays["weights"]) == described["inducing_atoms"] < n


def test_what_is_written_is_read_again(copy, made):
    assert copy.read()[1] == made.read()[1]


@pytest.mark.parametrize("name", ["model.npz", "model.json"])
@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_damage_is_a_clear_error_and_removes_nothing(copy, name, damage):
    path = copy.folder / name
    content = path.read_bytes()
    if damage == "changed":
        # A digit of the text, or a bit in the middle of the arrays.
        changed = content.replace(b"0.9", b"0.8", 1) if name == "model.json" else bytearray(content)
        if name == "model.npz":
            changed[len(changed) // 2] ^= 1
        path.write_bytes(bytes(changed))
    elif damage == "truncated":
        path.write_bytes(content[:-20])
    else:
        path.unlink()
    what = "is missing" if damage == "missing" else "was damaged"
    with pytest.raises(ArtefactError, match=rf"{name} {what}.*install qm7bench again"):
        copy.read()
    assert path.exists() == (damage != "missing")


def test_a_description_that_is_another_json_value_is_damaged(copy):
    copy.description.write_text(json.dumps([1, 2]))
    with pytest.raises(ArtefactError, match="was damaged"):
        copy.read()


def test_only_folders_of_shipped_models_are_taken_for_such(copy, tmp_path):
    assert copy.is_there()
    assert not ShippedFiles(tmp_path).is_there()
    copy.description.write_bytes(b"\xff\xfe")
    assert not copy.is_there()
