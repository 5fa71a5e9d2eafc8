"""How an XYZ file is split into molecules, and what is said when it cannot be."""

from __future__ import annotations

import pytest

from qm7bench.datasets.text_file import read_text_file
from qm7bench.datasets.xyz_frames import frames_of
from qm7bench.errors import DataSetError

H2 = "2\nfirst\nH 0 0 0\nH 0 0 0.74\n"
HF = "2\n\nH 0 0 0\nF 0 0 0.92\n"


@pytest.fixture
def split(tmp_path):
    def run(content):
        path = tmp_path / "m.xyz"
        path.write_text(content)
        return frames_of(read_text_file(path))

    return run


@pytest.mark.parametrize(
    "content",
    [
        H2 + HF,
        H2 + "\n" + HF,
        "\n\n" + H2 + "  \n\t\n" + HF + "\n\n",
        (H2 + HF)[:-1],
        (H2 + HF).replace("2\n", "\t2 \n"),
    ],
)
def test_all_molecules_are_found_with_their_lines(split, content):
    frames = split(content)
    assert [frame.comment for frame in frames] == ["first", ""]
    assert [frame.number for frame in frames] == [0, 1]
    lines = content.splitlines()
    for frame in frames:
        assert lines[frame.line - 1].strip() == "2"
        assert lines[frame.line + 1] == frame.atoms[0] == "H 0 0 0"
        assert frame.atom_place(0).endswith(
            f"m.xyz: molecule {frame.number} (line {frame.line + 2})"
        )


QM9 = "2\ngdb 7\t1.0\nH 0 0 0\t0.1\nH 0 0 0.74\t0.1\n4401.2\n[H][H]\t[H][H]\nInChI=1S/H2/h1H\n"


def test_the_last_lines_of_raw_qm9_files_are_known(split):
    assert [frame.line for frame in split(QM9 + QM9 + H2)] == [1, 8, 15]
    with pytest.raises(DataSetError, match=r"molecule 1 \(line 5\)"):
        split(QM9.replace("gdb", "gdp"))


EXPECTED = "expected the number of atoms of a molecule"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no molecules in it: the file is empty"),
        ("\n \n", "no molecules in it: the file is blank"),
        ("hello\n", f"molecule 0 (line 1): {EXPECTED}, found 'hello'"),
        ("H 0 0 0\n", f"molecule 0 (line 1): {EXPECTED}, found 'H 0 0 0'"),
        ("2 atoms\n\nH 0 0 0\n", "found '2 atoms'; is the file XYZ?"),
        ("2.0\n\nH 0 0 0\nH 0 0 1\n", "found '2.0'"),
        ("-2\n\n", "found '-2'"),
        ("0\n\n", "molecule 0 (line 1): a molecule without atoms"),
        (H2 + H2[2:], f"molecule 1 (line 5): {EXPECTED} after molecule 0, found 'first'; do the"),
        (H2.replace("2\n", "1\n", 1) + HF, f"molecule 1 (line 4): {EXPECTED}"),
        (
            H2.replace("2\n", "3\n", 1),
            "announces 3 atoms; after the comment line the file has 2 lines",
        ),
        (H2 + "2\n", "molecule 1 (line 5): the file ends inside the molecule"),
        (
            H2 + "2\nsecond\n",
            "line 5 announces 2 atoms; after the comment line the file has 0 lines",
        ),
        (
            "999999999\n\nH 0 0 0\n",
            "announces 999,999,999 atoms; after the comment line the file has 1 line",
        ),
        ("9" * 5000 + "\n\nH 0 0 0\n", EXPECTED),
        (H2 + "0" * 3000, EXPECTED),
        (
            H2.replace("first\n", ""),
            "molecule 0 (line 2): expected the comment line, found the atom 'H 0 0 0'",
        ),
    ],
)
def test_what_does_not_fit_is_named_by_its_line(split, content, message):
    with pytest.raises(DataSetError) as caught:
        split(content)
    assert message in str(caught.value)
    assert len(str(caught.value).replace(str(caught.value).split(":")[0], "")) < 250


def test_a_file_cut_off_inside_its_last_number_is_noticed(split):
    whole = "2\n\nH 0.000000 0.000000 0.000000\nH 0.000000 0.000000 0.740000\n"
    assert len(split(whole[:-1])) == 1
    for kept in range(2, 8):
        with pytest.raises(DataSetError, match=r"molecule 0 \(line 4\): the file seems cut off"):
            split(whole[:-kept])
    for content in (H2[:-1], H2[:-2], "1\n\nH 0.000000 0.000000 0.000"):
        assert len(split(content)) == 1
