"""Artefacts: whole or not at all, checked when read, the same bytes for the same content."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from qm7bench.artefacts.artefact import (
    atomic_path,
    canonical_json,
    read_artefact,
    read_json,
    sha256_of,
    write_artefact,
    write_json,
)
from qm7bench.artefacts.parquet import write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.cli import main
from qm7bench.errors import ArtefactError, UserError
from qm7bench.fitting.job import Entry, write_model

ARRAYS = {"values": np.arange(12.0).reshape(3, 4), "counts": np.array([1, 2, 3], dtype=np.int32)}


@pytest.fixture
def artefact(tmp_path):
    """Metadata path of an artefact of two arrays."""
    path = tmp_path / "feature" / "metadata.json"
    write_artefact(path, ARRAYS, {"kind": "feature", "units": "Hartree"})
    return path


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_an_artefact_is_read_as_it_was_written(artefact):
    read = read_artefact(artefact)
    assert read.metadata["units"] == "Hartree"
    assert read.metadata["arrays"]["values"]["shape"] == [3, 4]
    assert read.metadata["arrays"]["counts"]["dtype"] == "int32"
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(read.arrays[name], array)
        assert isinstance(read.arrays[name], np.memmap)
        assert not read.arrays[name].flags.writeable


def test_only_the_arrays_asked_for_are_read(artefact):
    assert list(read_artefact(artefact, ["counts"]).arrays) == ["counts"]


def test_the_same_arrays_give_the_same_bytes(artefact, tmp_path):
    again = tmp_path / "again" / "metadata.json"
    write_artefact(again, dict(reversed(ARRAYS.items())), {"units": "Hartree", "kind": "feature"})
    for name in ("metadata.json", "values.npy", "counts.npy"):
        assert again.with_name(name).read_bytes() == artefact.with_name(name).read_bytes()


def test_arrays_that_are_not_contiguous_are_written_the_same(tmp_path):
    first, second = tmp_path / "a" / "metadata.json", tmp_path / "b" / "metadata.json"
    write_artefact(first, {"x": np.asfortranarray(ARRAYS["values"])}, {})
    write_artefact(second, {"x": ARRAYS["values"]}, {})
    assert first.read_bytes() == second.read_bytes()


def test_objects_are_refused_as_arrays(tmp_path):
    path = tmp_path / "metadata.json"
    with pytest.raises(ValueError, match="no pickles"):
        write_artefact(path, {"x": np.array([{}, None], dtype=object)}, {})
    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.zeros((0, 4), dtype=np.int32),
        np.array(["CH4", "H2O"]),
        np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        np.array([True, False]),
    ],
    ids=["scalar", "empty", "texts", "float32", "bool"],
)
def test_arrays_of_any_kind_are_as_numpy_saves_them(tmp_path, array):
    write_artefact(tmp_path / "metadata.json", {"x": array}, {})
    np.save(tmp_path / "expected.npy", array)
    assert (tmp_path / "x.npy").read_bytes() == (tmp_path / "expected.npy").read_bytes()


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_damaged_array_is_found_named_and_removed(artefact, position):
    path = artefact.with_name("values.npy")
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtefactError) as caught:
        read_artefact(artefact)
    assert "values.npy was damaged after it was written (checksum differs)" in str(caught.value)
    assert "run again to regenerate it" in str(caught.value)
    assert str(artefact) in str(caught.value)
    assert not artefact.exists()


def test_a_truncated_array_is_found(artefact):
    with artefact.with_name("values.npy").open("r+b") as file:
        file.truncate(150)
    with pytest.raises(ArtefactError, match="damaged after it was written"):
        read_artefact(artefact)


def test_a_missing_array_is_found_and_removed(artefact):
    artefact.with_name("values.npy").unlink()
    with pytest.raises(ArtefactError, match=r"names values.npy, which is missing"):
        read_artefact(artefact)
    assert not artefact.exists()


def test_missing_metadata_asks_to_run_the_workflow(tmp_path):
    with pytest.raises(ArtefactError, match="no such file; run the workflow again"):
        read_artefact(tmp_path / "metadata.json")


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b""])
def test_metadata_that_is_not_a_json_object_is_removed(tmp_path, content):
    path = tmp_path / "results" / "metadata.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ArtefactError, match="is not"):
        read_json(path)
    assert not path.exists()


@pytest.mark.parametrize("name", ["metadata.json", "results/my_notes.json", "my.json"])
def test_a_users_own_file_named_by_mistake_stays(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{")
    with pytest.raises(ArtefactError, match=r"is not JSON; give a file that a job wrote"):
        read_json(path)
    assert path.read_text() == "{"


def test_json_is_the_same_whatever_the_order_of_its_keys(tmp_path):
    assert canonical_json({"b": [1, 2.5], "a": {"d": None, "c": True}}) == (
        '{"a":{"c":true,"d":null},"b":[1,2.5]}'
    )
    write_json(tmp_path / "a.json", {"x": 1, "y": 2})
    write_json(tmp_path / "b.json", {"y": 2, "x": 1})
    assert sha256_of(tmp_path / "a.json") == sha256_of(tmp_path / "b.json")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_refuses_numbers_that_it_does_not_have(tmp_path, number):
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(number)
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": number})
    assert files_below(tmp_path) == []


def test_a_failure_while_writing_leaves_what_was_there_before(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted():
        with atomic_path(path) as temporary:
            temporary.write_text("half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert files_below(tmp_path) == ["a.txt"]


def test_files_have_the_permissions_that_any_other_new_file_has(tmp_path):
    (tmp_path / "plain").touch()
    write_json(tmp_path / "a.json", {})
    assert (tmp_path / "a.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


WRITERS = {
    "artefact": lambda folder: write_artefact(folder / "metadata.json", ARRAYS, {}),
    "json": lambda folder: write_json(folder / "metadata.json", {"x": 1}),
    "table": lambda folder: write_table(folder / "table.parquet", {"x": np.arange(3)}),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full; free some space and run again"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "no permission to write"),
    ],
)
def test_a_write_that_the_system_refuses_is_one_clear_line(
    tmp_path, monkeypatch, writer, number, message
):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(UserError, match=message) as caught:
        WRITERS[writer](tmp_path)
    assert "\n" not in str(caught.value)
    assert files_below(tmp_path) == []


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 kB, which only root can mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


BIG = np.random.default_rng(0).normal(size=(100, 1000))
ENTRY = Entry("mine", "eigenspectrum", "ridge", "ridge", {}, {}, seed=0)


class Fitted:
    """A model with large arrays."""

    @staticmethod
    def state():
        return {"x": BIG}


BIG_WRITERS = {
    "artefact": lambda folder: write_artefact(folder / "metadata.json", {"x": BIG}, {}),
    "json": lambda folder: write_json(folder / "metadata.json", {"x": BIG.tolist()}),
    "table": lambda folder: write_table(folder / "table.parquet", {"x": BIG.ravel()}),
    "model": lambda folder: write_model(FitFiles(folder), Fitted, ENTRY, {}, {}),
}


@pytest.mark.parametrize("writer", BIG_WRITERS)
def test_a_disk_that_really_fills_up_is_one_clear_line_and_leaves_nothing(tiny_disk, writer):
    with pytest.raises(UserError, match="the disk is full"):
        BIG_WRITERS[writer](tiny_disk / "results")
    assert files_below(tiny_disk) == []


def test_a_full_disk_ends_a_command_with_one_line(tiny_disk, tmp_path, capsys):
    frame = "2\nenergy={}\nH 0 0 0\nH 0 0 0.74\n"
    molecules = tmp_path / "mine.xyz"
    molecules.write_text("".join(frame.format(-100 - i) for i in range(1500)))
    output = tiny_disk / "results" / "metadata.json"
    words = ["dataset", "mine", "--settings", json.dumps({"file": str(molecules)})]
    assert main([*words, "--output", str(output)]) == 1
    assert "the disk is full" in capsys.readouterr().err.splitlines()[-1]
    assert not output.exists()
    assert not list(Path(tiny_disk).rglob(".*"))
