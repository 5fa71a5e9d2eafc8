"""Lines of a user's text file, whatever its encoding, its line ends or its compression."""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qm7bench.errors import DataSetError

COMPRESSIONS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
"""How to unpack a file that begins with these bytes."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Encoding of a file that begins with these bytes; UTF-32's mark begins with UTF-16's."""

LINE_END = re.compile(r"\r*\n|\r")


@dataclass(frozen=True)
class TextFile:
    """A text file that was read once.

    Attributes
    ----------
    source : str
        Its path as messages show it, on one line.
    lines : list of str
        Without line ends.
    sha256 : str
        Of the file's bytes.
    complete : bool
        Whether the last line has a line end.
    """

    source: str
    lines: list[str]
    sha256: str
    complete: bool


def read_text_file(path: Path) -> TextFile:
    """Read a text file: UTF-8, or UTF-16 or UTF-32 with a byte-order mark; gzip, bzip2 or xz.

    Bytes that are not UTF-8 are replaced: they may stand in comments and in nothing that is used.

    Raises
    ------
    DataSetError
        If the file does not exist, cannot be read or unpacked, or is not text.
    """
    source = shown(str(path), 4096)
    data = _bytes_of(path, source)
    content = _unpacked(data, source)
    text = _decoded(content, source)
    lines = LINE_END.split(text)
    complete = lines[-1] == ""
    return TextFile(source, lines[:-1] if complete else lines, _sha256(data), complete)


def shown(text: str, length: int = 60) -> str:
    """Text for a message: short, on one line, of characters that a terminal can show."""
    safe = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: length + 1])
    return safe if len(text) <= length else safe[:length] + "..."


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _bytes_of(path: Path, source: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataSetError(f"{source}: the file does not exist") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataSetError(f"{source}: the file cannot be read ({reason})") from error


def _unpacked(data: bytes, source: str) -> bytes:
    for magic, decompress in COMPRESSIONS.items():
        if data.startswith(magic):
            try:
                return decompress(data)
            except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
                raise DataSetError(
                    f"{source}: the compressed file is damaged or incomplete ({error}); copy it "
                    "again"
                ) from error
    return data


def _decoded(content: bytes, source: str) -> str:
    encoding = next((e for mark, e in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    if encoding is None and b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise DataSetError(
            f"{source}: line {line} holds a NUL byte: the file is not text, or is UTF-16 without a "
            "byte-order mark; give it as text in UTF-8"
        )
    try:
        return content.decode(encoding or "utf-8", errors="strict" if encoding else "replace")
    except UnicodeDecodeError as error:
        raise DataSetError(f"{source}: the text is not {encoding} ({error.reason})") from error
