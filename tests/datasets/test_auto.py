"""What `auto` stands for, and loading by name."""

from __future__ import annotations

import pytest

from qm7bench.datasets import qm7
from qm7bench.datasets.auto import load_dataset, resolve
from qm7bench.errors import DataSetError


@pytest.fixture
def without_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("QM7_MAT", raising=False)
    monkeypatch.chdir(tmp_path)


def test_auto_is_qm9small_where_there_is_no_file_and_no_host_answers(
    without_a_file, monkeypatch, closed_addresses
):
    monkeypatch.setattr(qm7, "ADDRESSES", closed_addresses)
    assert resolve("auto") == "qm9small"


def test_auto_is_qm7_where_a_host_answers(without_a_file, monkeypatch):
    monkeypatch.setattr(qm7, "a_host_answers", lambda: True)
    assert resolve("auto") == "qm7"


def test_auto_is_qm7_where_its_file_is_in_the_data_folder(without_a_file, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "qm7.mat").touch()
    monkeypatch.setattr(qm7, "a_host_answers", lambda: pytest.fail("no host need be asked"))
    assert resolve("auto") == "qm7"


def test_auto_is_qm7_where_qm7_mat_names_a_file(without_a_file, tmp_path, monkeypatch):
    (tmp_path / "mine.mat").touch()
    monkeypatch.setenv("QM7_MAT", str(tmp_path / "mine.mat"))
    assert resolve("auto") == "qm7"


def test_auto_does_not_hide_a_qm7_mat_that_names_no_file(without_a_file, tmp_path, monkeypatch):
    monkeypatch.setenv("QM7_MAT", str(tmp_path / "missing.mat"))
    with pytest.raises(DataSetError, match="QM7_MAT"):
        resolve("auto")


@pytest.mark.parametrize("name", ["qm7", "qm9small", "qm9", "my_molecules"])
def test_any_other_name_stands_for_itself(name):
    assert resolve(name) == name


def test_an_unknown_data_set_is_an_error_that_lists_the_known():
    with pytest.raises(DataSetError, match="unknown data set 'qm8'; known: qm7, qm9small, qm9"):
        load_dataset("qm8", {})


def test_a_users_own_molecules_are_loaded_with_the_keys_of_the_configuration(tmp_path):
    frame = "2\nU={} part={}\nH 0 0 0\nH 0 0 0.74\n"
    path = tmp_path / "mine.xyz"
    path.write_text("".join(frame.format(-4.5 - 0.01 * i, i) for i in range(5)))
    settings = {"file": str(path), "energy": "U", "energy_unit": "eV", "fold": "part"}
    dataset, _ = load_dataset("mine", settings)
    assert dataset.energies[0] == pytest.approx(-103.77, abs=0.01)  # kcal/mol
    assert dataset.folds.tolist() == [0, 1, 2, 3, 4]
