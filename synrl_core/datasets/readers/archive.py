"""Read untrusted zip archives: check the directory before zipfile opens it, and read with limits.

Nothing is ever written to disk, so a path that climbs out of the archive could do no harm here; it is refused because
an honest tool doesn't make one.
"""

from __future__ import annotations

import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.readers.source import Source

_END = b"PK\x05\x06"
_END_SIZE = 22
_DRIVE = re.compile(r"[A-Za-z]:/")
_LONGEST_COMMENT = 65_535
_BYTES_PER_MEMBER = 512
#: An extra field that holds a file's name in UTF-8, as Info-ZIP writes it beside the name in the system's letters.
_UNICODE_PATH = 0x7075
#: What systems and programs leave in folders, and no person put there; and so is all that begins with a point.
_CLUTTER = frozenset(
    {"__macosx", "@eadir", "$recycle.bin", "system volume information", "#recycle", "lost+found", "thumbs.db",
     "ehthumbs.db", "desktop.ini", "icon\r", "__pycache__"}
)  # fmt: skip

#: What zipfile, zlib and NumPy raise on damaged or hostile archives.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, UnicodeDecodeError,
    ValueError, OverflowError, OSError, IndexError, SyntaxError, tokenize.TokenError,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A member of an archive.

    Attributes
    ----------
    info
        As zipfile knows it.
    path
        Its name as it was meant: parts separated by ``/``, letters as they were written.
    doubtful
        Whether the letters of its name are a guess.
    """

    info: zipfile.ZipInfo
    path: str
    doubtful: bool = False

    @property
    def is_clutter(self) -> bool:
        """Return whether a path was added by an operating system or a program: it, or a folder that it lies in."""
        return any(part[:1] == "." or part.casefold() in _CLUTTER for part in self.path.split("/"))


@contextmanager
def opened_archive(source: Source, limits: ReaderLimits) -> Iterator[tuple[zipfile.ZipFile, list[Member]]]:
    """Open an archive and yield it with its files, each checked; folders are left out."""
    _check_directory(source, limits)
    source.file.seek(0)
    try:
        archive = zipfile.ZipFile(source.file)
        infos = archive.infolist()
    except DAMAGE as error:
        raise DatasetError(
            source.name, "table of contents", f"{quoted(str(error))}", "a whole zip archive",
            "Bring the file again; it was cut or damaged.",
        ) from error  # fmt: skip
    with archive:
        members = [member for member in map(_member, infos) if not member.path.endswith("/")]
        for member in members:
            _check_member(source, member, limits)
        total = sum(member.info.file_size for member in members)
        if total > limits.may_expand_to(source.size):
            raise DatasetError(
                source.name, "table of contents", f"{total / MIB:,.1f} MiB packed into {source.size / MIB:,.3f} MiB",
                f"at most {limits.may_expand_to(source.size) / MIB:,.1f} MiB from that",
                "The archive is damaged or made to fill the memory. Pack fewer files, or less tightly.",
            )  # fmt: skip
        yield archive, members


def read_member(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ReaderLimits) -> bytes:
    """Unpack one small file into memory."""
    if info.file_size > limits.member_bytes:
        raise DatasetError(
            source.name, quoted(info.filename), f"{info.file_size / MIB:,.1f} MiB",
            f"at most {limits.member_bytes / MIB:,.1f} MiB a file", "Make the pictures smaller.",
        )  # fmt: skip
    with archive.open(info) as member:
        return member.read(info.file_size)


def _check_directory(source: Source, limits: ReaderLimits) -> None:
    """Read how many files an archive says it has: zipfile would load a table of any size."""
    tail_size = min(source.size, _LONGEST_COMMENT + _END_SIZE)
    source.file.seek(source.size - tail_size)
    tail = source.file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise DatasetError(
            source.name, "end", "no table of contents", "a whole zip archive", "Bring the file again; it was cut."
        )
    members, directory_size = struct.unpack("<HI", tail[at + 10 : at + 16])
    if members == 0xFFFF or directory_size == 0xFFFF_FFFF:  # zip64: the true numbers stand in a record before
        record = tail.rfind(b"PK\x06\x06", 0, at)
        if record >= 0 and at - record >= 48:
            members, directory_size = struct.unpack("<QQ", tail[record + 32 : record + 48])
    if members > limits.members or directory_size > limits.members * _BYTES_PER_MEMBER:
        raise DatasetError(
            source.name, "table of contents", f"{members:,} files in {directory_size / MIB:,.1f} MiB of table",
            f"at most {limits.members:,} files", "Pack fewer files, or raise the limit in the settings.",
        )  # fmt: skip


def _member(info: zipfile.ZipInfo) -> Member:
    """Decode the name of a file: zipfile reads all names not marked as UTF-8 in the DOS code page."""
    name, doubtful = info.filename, False
    if not info.flag_bits & 0x800 and not name.isascii():
        told = _unicode_path(info.extra)
        try:
            name = told or name.encode("cp437").decode("utf-8")
        except UnicodeError:
            doubtful = True
    return Member(info, name.replace("\\", "/"), doubtful)


def _unicode_path(extra: bytes) -> str | None:
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _UNICODE_PATH and length > 5:
            try:
                return extra[9 : 4 + length].decode("utf-8")
            except UnicodeDecodeError:
                return None
        extra = extra[4 + length :]
    return None


def _check_member(source: Source, member: Member, limits: ReaderLimits) -> None:
    info, name = member.info, member.path
    if not name or len(name) > 10 * limits.name_length:
        raise DatasetError(
            source.name, quoted(name), f"a path of {len(name):,} characters", f"1 to {10 * limits.name_length:,}",
            "Rename the file.",
        )  # fmt: skip
    if name.startswith("/") or ".." in name.split("/") or "\x00" in name or _DRIVE.match(name):
        raise DatasetError(
            source.name, quoted(name), "a path that leads out of the archive", "paths below the archive's own folders",
            "Pack the folders anew with an ordinary tool.",
        )  # fmt: skip
    if info.flag_bits & 0x1:
        raise DatasetError(
            source.name, quoted(name), "an encrypted file", "files without a password", "Pack them without a password."
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DatasetError(
            source.name, quoted(name), f"compression method {info.compress_type}", "stored or deflated files",
            "Pack them with the ordinary method of zip.",
        )  # fmt: skip
