"""Loading `qm7.mat`, and every way in which a file can fail to be it."""

from __future__ import annotations

import http.server
import socket
import threading
import time

import numpy as np
import pytest
import scipy.io

from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.cli import main
from qm7bench.datasets import qm7
from qm7bench.errors import DataSetError, GeometryError

MOLECULES = 10


@pytest.fixture
def arrays(small_molecules):
    """Ten molecules in the form of `qm7.mat`: Bohr, float32, X sorted, folds as lists of rows."""
    part = small_molecules[100 : 100 + MOLECULES]
    charges = part.charges.astype(float)
    matrices = charges[:, :, None] * charges[:, None, :]
    matrices /= pair_distances(part.charges, part.positions) / ANGSTROM_PER_BOHR
    diagonal = np.arange(charges.shape[1])
    matrices[:, diagonal, diagonal] = 0.5 * charges**2.4
    order = np.argsort(-matrices.sum(axis=2), axis=1)
    n = np.arange(MOLECULES)[:, None, None]
    return {
        "X": matrices[n, order[:, :, None], order[:, None, :]].astype(np.float32),
        "T": part.energies[None, :].astype(np.float32),
        "P": np.arange(MOLECULES).reshape(5, 2),
        "Z": charges.astype(np.float32),
        "R": (part.positions / ANGSTROM_PER_BOHR).astype(np.float32),
    }


@pytest.fixture
def small_file(arrays, tmp_path, monkeypatch):
    """The ten molecules as a MAT file that the loader takes for the genuine one."""

    def write(**changes):
        path = tmp_path / "raw" / "qm7.mat"
        path.parent.mkdir(exist_ok=True)
        kept = {k: v for k, v in {**arrays, **changes}.items() if v is not None}
        scipy.io.savemat(path, kept)
        monkeypatch.setattr(qm7, "SHAPES", {name: a.shape for name, a in arrays.items()})
        monkeypatch.setattr(qm7, "SIZE", path.stat().st_size)
        monkeypatch.setattr(qm7, "SHA256", qm7.sha256_of(path))
        monkeypatch.setenv("QM7_MAT", str(path))
        return path

    return write


def refusal(tmp_path, capsys):
    """Run `qm7bench dataset qm7`, which must fail cleanly; return its last line on stderr."""
    output = tmp_path / "results" / "qm7" / "dataset" / "metadata.json"
    assert main(["dataset", "qm7", "--output", str(output)]) == 1
    assert not [path for path in tmp_path.glob("results/**/*") if path.is_file()]
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("qm7bench dataset: error: ")
    return last


def test_a_small_file_of_the_same_form_is_loaded_in_angstrom(small_file, small_molecules):
    small_file()
    dataset, made_from = qm7.load_qm7()
    part = small_molecules[100 : 100 + MOLECULES]
    np.testing.assert_array_equal(dataset.charges, part.charges)
    np.testing.assert_allclose(dataset.positions, part.positions, atol=1e-6)  # Angstrom
    np.testing.assert_array_equal(dataset.folds, np.repeat(np.arange(5), 2))
    assert made_from["sha256"] == qm7.SHA256


@pytest.fixture(params=["QM7_MAT", "data/qm7.mat"])
def wrong_file(request, tmp_path, monkeypatch):
    """A file of some size that is not QM7, named by the user or at the place of a download."""

    def write(size):
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "data" / "qm7.mat"
        path.parent.mkdir()
        with path.open("wb") as file:
            file.truncate(size)
        if request.param == "QM7_MAT":
            monkeypatch.setenv("QM7_MAT", str(path))
        else:
            monkeypatch.delenv("QM7_MAT", raising=False)
        return request.param == "QM7_MAT"

    return write


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (0, "0 bytes, expected 17,884,280; "),
        (17_884_279, "17,884,279 bytes, expected 17,884,280; "),
        (17_884_281, "17,884,281 bytes, expected 17,884,280; "),
        (17_884_280, "expected fd6c26c108688731...; "),
    ],
)
def test_another_file_is_refused_and_only_a_download_said_to_be_one(
    wrong_file, tmp_path, capsys, size, message
):
    named = wrong_file(size)
    line = refusal(tmp_path, capsys)
    assert message in line
    assert ("the file that QM7_MAT names is " in line) is named
    assert ("If it is a download, delete it and run again" in line) is not named
    assert "delete" not in line.lower() or not named


def test_qm7_mat_that_names_no_file_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QM7_MAT", str(tmp_path / "elsewhere.mat"))
    assert "elsewhere.mat, which is not a file; set it to" in refusal(tmp_path, capsys)
    monkeypatch.setenv("QM7_MAT", str(tmp_path))
    assert f"QM7_MAT names {tmp_path}, which is not a file" in refusal(tmp_path, capsys)


def test_unreachable_hosts_are_named_with_what_to_do(
    tmp_path, monkeypatch, capsys, closed_addresses
):
    monkeypatch.delenv("QM7_MAT", raising=False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "qm7.mat"
    monkeypatch.setattr(qm7.download, "__defaults__", (path, closed_addresses))
    line = refusal(tmp_path, capsys)
    for address in closed_addresses:
        assert address in line
    assert "refused" in line
    assert "set QM7_MAT to its path" in line
    assert "dataset: qm9small" in line
    assert list(path.parent.iterdir()) == []


@pytest.fixture
def server():
    """Serve fixed bytes at an address of this machine; promise more than is sent if asked to."""
    running = []

    def serve(content, promised=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(promised or len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        one = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=one.serve_forever, daemon=True).start()
        running.append(one)
        return f"http://127.0.0.1:{one.server_port}/qm7.mat"

    yield serve
    for one in running:
        one.shutdown()
        one.server_close()


def test_the_second_address_serves_when_the_first_is_unreachable(
    small_file, tmp_path, closed_addresses, server
):
    content = small_file().read_bytes()
    path = tmp_path / "data" / "qm7.mat"
    qm7.download(path, (closed_addresses[0], server(content)))
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_connection_that_breaks_off_is_a_clear_error(small_file, tmp_path, server):
    content = small_file().read_bytes()
    path = tmp_path / "data" / "qm7.mat"
    with pytest.raises(DataSetError, match="could not be downloaded"):
        qm7.download(path, (server(content[:1000], promised=len(content)),))
    assert list(path.parent.iterdir()) == []


def test_another_file_from_a_host_is_refused(small_file, tmp_path, server):
    small_file()
    path = tmp_path / "data" / "qm7.mat"
    with pytest.raises(DataSetError, match="expected"):
        qm7.download(path, (server(b"<html>moved</html>"),))
    assert list(path.parent.iterdir()) == []


def test_one_slow_host_does_not_hide_another_that_answers(monkeypatch):
    def connect(address, timeout):
        if address[0] == "slow":
            time.sleep(1.0)
            raise TimeoutError
        return socket.socket()

    monkeypatch.setattr(qm7, "ADDRESSES", ("http://slow/qm7.mat", "http://fast/qm7.mat"))
    monkeypatch.setattr(socket, "create_connection", connect)
    assert qm7.a_host_answers(seconds=0.3)


def test_hosts_that_never_answer_are_given_up_in_time(monkeypatch):
    def connect(address, timeout):
        time.sleep(1.0)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", connect)
    started = time.monotonic()
    assert not qm7.a_host_answers(seconds=0.2)
    assert time.monotonic() - started < 0.9  # seconds; each attempt would take one


def test_what_is_no_mat_file_is_an_error(small_file, tmp_path, monkeypatch, capsys):
    path = small_file()
    path.write_bytes(b"no MAT file" * 1000)
    monkeypatch.setattr(qm7, "SIZE", path.stat().st_size)
    monkeypatch.setattr(qm7, "SHA256", qm7.sha256_of(path))
    assert "not a readable MAT file" in refusal(tmp_path, capsys)


@pytest.mark.parametrize("name", ["X", "T", "P", "Z", "R"])
def test_a_missing_array_is_named(small_file, tmp_path, capsys, name):
    small_file(**{name: None})
    assert f"array {name} is missing" in refusal(tmp_path, capsys)


def test_an_array_of_another_shape_is_named(small_file, arrays, tmp_path, capsys):
    small_file(Z=np.pad(arrays["Z"], ((0, 0), (0, 1))))
    assert "Z has shape (10, 24), expected (10, 23)" in refusal(tmp_path, capsys)


def test_energies_that_are_not_finite_are_an_error(small_file, arrays, tmp_path, capsys):
    energies = arrays["T"].copy()
    energies[0, [3, 5]] = np.nan
    small_file(T=energies)
    line = refusal(tmp_path, capsys)
    assert "molecule 3 has no finite energy (2 such molecules)" in line


def test_folds_that_do_not_partition_the_molecules_are_an_error(
    small_file, arrays, tmp_path, capsys
):
    folds = arrays["P"].copy()
    folds[0, 0] = folds[1, 0]
    small_file(P=folds)
    assert "folds P do not partition the molecules" in refusal(tmp_path, capsys)


def test_coulomb_matrices_that_disagree_with_the_geometry_are_an_error(
    small_file, arrays, tmp_path, capsys
):
    matrices = arrays["X"].copy()
    matrices[4, 0, 1] += 0.01  # Hartree
    small_file(X=matrices)
    line = refusal(tmp_path, capsys)
    assert "Coulomb matrix of molecule 4 disagrees" in line


def test_positions_in_the_wrong_unit_are_an_error(arrays):
    with pytest.raises(DataSetError, match="disagrees with its charges and positions"):
        qm7.parse({**arrays, "R": arrays["R"] * np.float32(1 / ANGSTROM_PER_BOHR)})


def test_coincident_atoms_are_an_error(small_file, arrays, tmp_path, capsys):
    positions = arrays["R"].copy()
    positions[6, 2] = positions[6, 0]
    small_file(R=positions)
    assert "molecule 6: atoms 0 and 2 are 0.000 Angstrom apart" in refusal(tmp_path, capsys)


def test_a_coordinate_that_is_not_finite_is_an_error(arrays):
    positions = arrays["R"].copy()
    positions[2, 0, 0] = np.inf
    with pytest.raises(GeometryError, match="molecule 2 has a coordinate that is not finite"):
        qm7.parse({**arrays, "R": positions})
