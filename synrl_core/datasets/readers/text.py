"""Decode text: detect the encoding, and iterate over lines of limited length."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from synrl_core.datasets.choices import ENCODINGS
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.readers.source import MARKS, Source, wide_encoding

#: What Windows writes where it doesn't write UTF-8; and what can be told of any bytes.
_WESTERN = ("cp1252", "latin-1")
_CODECS = {"utf-8": "utf-8-sig"}
_HEAD = 4096
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")


class Encoding(NamedTuple):
    """An encoding by its name in `ENCODINGS`, and a remark for the user."""

    name: str
    remarks: tuple[str, ...]


def encoding_of(source: Source, chosen: str | None, *, whole: bool = False) -> Encoding:
    """Detect the encoding of a file: by its byte order mark, else UTF-8, else Western; or use the chosen one.

    Parameters
    ----------
    whole
        Look through all of the file, not only its first mebibyte.
    """
    source.file.seek(0)
    head = source.file.read(_HEAD)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None) or wide_encoding(head)
    if chosen is not None:
        return Encoding("utf-32" if chosen == "utf-16" and marked == "utf-32" else chosen, ())
    if marked is not None:
        return Encoding(
            marked,
            ()
            if marked == "utf-8"
            else (f"The text is in {marked.partition('-')[0].upper()}-{marked.split('-')[1]}.",),
        )
    if _is_utf8(source, whole=whole):
        return Encoding("utf-8", ())
    if any(byte in _CONTROL for byte in head):
        raise DatasetError(
            source.name, "first bytes", f"{quoted(head[:8].hex(' '))}, which is neither text nor a format known here",
            "IDX files, an NPZ, a CSV, or a zip of pictures", "Convert the data to one of these.",
        )  # fmt: skip
    name = next(one for one in _WESTERN if _decodes(head, one))
    return Encoding(name, (f"The text is not in UTF-8; it is read as {ENCODINGS[name]}. Check its letters.",))


def lines(source: Source, encoding: str, limits: ReaderLimits) -> Iterator[str]:
    r"""Decode line by line from the beginning; a line ends with ``\n``, ``\r`` or both.

    Raises
    ------
    DatasetError
        When a line is too long or holds bytes that are not in this encoding.
    """
    source.file.seek(0)
    text = io.TextIOWrapper(source.file, _CODECS.get(encoding, encoding), errors="strict", newline="")
    try:
        for number in count(1):
            try:
                line = text.readline(limits.line_bytes + 1)
            except UnicodeError as error:
                raise _undecodable(source, encoding, number, error) from error
            if not line:
                return
            if len(line) > limits.line_bytes:
                raise DatasetError(
                    source.name, f"line {number}", f"more than {limits.line_bytes:,} characters",
                    f"at most {limits.line_bytes:,}", "Check that the file is a CSV with one sample a line.",
                )  # fmt: skip
            yield line
    finally:
        with suppress(ValueError):  # the file was closed before this generator was
            text.detach()


def _undecodable(source: Source, encoding: str, number: int, error: UnicodeError) -> DatasetError:
    found = ""
    if isinstance(error, UnicodeDecodeError):
        found = f" ({quoted(error.object[error.start : min(error.end, error.start + 8)].hex())})"
    called = ENCODINGS.get(encoding, encoding)
    return DatasetError(
        source.name, f"line {number} or after it", f"bytes that are not {called}{found}", f"text in {called}",
        "Choose another encoding, or save the file as CSV in UTF-8.",
    )  # fmt: skip


def _is_utf8(source: Source, *, whole: bool) -> bool:
    """Check the whole file; plain ASCII costs next to nothing."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    source.file.seek(0)
    waiting = False
    try:
        while block := source.file.read(MIB):
            if waiting or not block.isascii():
                decoder.decode(block)
                waiting = bool(decoder.getstate()[0])
            if not whole and len(block) == MIB:
                return True
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
