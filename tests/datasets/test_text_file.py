"""Text files in every encoding, line end and compression that users have."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma

import pytest

from qm7bench.datasets.text_file import read_text_file, shown
from qm7bench.errors import DataSetError

TEXT = "2\nHÄ\nH 0 0 0\nH 0 0 1\n"
LINES = ["2", "HÄ", "H 0 0 0", "H 0 0 1"]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT[:-1].encode(),
        gzip.compress(TEXT.encode(), mtime=0),
        bz2.compress(TEXT.encode()),
        lzma.compress(TEXT.encode("utf-16")),
    ],
)
def test_every_form_of_the_text_gives_the_same_lines(tmp_path, content):
    path = tmp_path / "molecules.xyz"
    path.write_bytes(content)
    text = read_text_file(path)
    assert text.lines == LINES
    assert text.sha256 == hashlib.sha256(content).hexdigest()


def test_whether_the_last_line_has_an_end_is_known(tmp_path):
    path = tmp_path / "molecules.xyz"
    for content, complete in ((TEXT, True), (TEXT[:-1], False)):
        path.write_text(content)
        assert read_text_file(path).complete is complete


def test_bytes_that_are_not_utf8_do_not_hide_the_rest(tmp_path):
    path = tmp_path / "molecules.xyz"
    path.write_bytes(TEXT.encode("latin-1"))
    assert read_text_file(path).lines == ["2", "H\ufffd", "H 0 0 0", "H 0 0 1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEXT.encode("utf-16-le"), "line 1 holds a NUL byte"),
        (b"2\n\nH 0 0 0\nH 0 \0 0\n", "line 4 holds a NUL byte"),
        (b"\xff\xfe2\x00\n", "the text is not utf-16"),
        (
            gzip.compress(TEXT.encode() * 100, mtime=0)[:-20],
            "the compressed file is damaged or incomplete",
        ),
        (gzip.compress(TEXT.encode(), mtime=0)[:3], "the compressed file is damaged or incomplete"),
        (bz2.compress(TEXT.encode())[:-5], "the compressed file is damaged or incomplete"),
        (lzma.compress(TEXT.encode())[:-5], "the compressed file is damaged or incomplete"),
        (b"\x1f\x8b" + bytes(100), "the compressed file is damaged or incomplete"),
    ],
)
def test_what_is_not_text_is_an_error_with_the_file(tmp_path, content, message):
    path = tmp_path / "molecules.xyz"
    path.write_bytes(content)
    with pytest.raises(DataSetError) as caught:
        read_text_file(path)
    assert f"{path}: {message}" in str(caught.value)


def test_a_flipped_bit_anywhere_in_a_compressed_file_is_an_error_or_harmless(tmp_path):
    path = tmp_path / "molecules.xyz"
    whole = gzip.compress(TEXT.encode(), mtime=0)
    for place in range(2, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        try:
            assert read_text_file(path).lines == LINES
        except DataSetError:
            continue


def test_what_cannot_be_read_is_an_error(tmp_path):
    for path, reason in (
        (tmp_path / "nowhere.xyz", "the file does not exist"),
        (tmp_path, "the file cannot be read (is a directory)"),
        (tmp_path / "nowhere" / "deeper.xyz", "the file does not exist"),
    ):
        with pytest.raises(DataSetError) as caught:
            read_text_file(path)
        assert str(caught.value) == f"{path}: {reason}"


def test_shown_text_is_short_and_on_one_line():
    assert shown("a\tb\nc\x1b[31m") == "a\\tb\\nc\\x1b[31m"
    assert shown("x" * 100) == "x" * 60 + "..."
