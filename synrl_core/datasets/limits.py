"""Limits of readers: bytes, samples, inputs, classes."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class ReaderLimits:
    """Limits that every reader checks before it allocates memory.

    Attributes
    ----------
    file_bytes
        Size of a file as it is brought.
    expanded_bytes
        Size of what it declares or unpacks to.
    expansion
        How many times its packed size a file may unpack to. Beyond 16 MiB only: small files of one colour pack well.
    samples, inputs, values
        Rows, columns, and their product. Training needs four bytes a value.
    classes
        Different labels.
    members
        Files in an archive.
    member_bytes
        Unpacked size of one picture in an archive.
    name_length
        Characters of a file's, column's or class's name.
    line_bytes
        Length of a line of text.
    """

    file_bytes: int = 1024 * MIB
    expanded_bytes: int = 1024 * MIB
    expansion: int = 200
    samples: int = 2_000_000
    inputs: int = 65_536
    values: int = 256 * MIB
    classes: int = 1000
    members: int = 200_000
    member_bytes: int = 4 * MIB
    name_length: int = 200
    line_bytes: int = 4 * MIB

    def may_expand_to(self, packed: int) -> int:
        """Return the bytes that this many packed ones may become."""
        return min(self.expanded_bytes, max(16 * MIB, packed * self.expansion))
