"""Parser of uploads: writes each file straight to the disk and counts its bytes, never whole in memory.

Starlette's own form parser spools files to the system's temporary folder, which may be small or memory, and FastAPI
fixes its limit when a route is created; ours is a setting, and the files go to the data folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from backend.datasets.uploads import MOST_FILES, Uploads
from backend.kit.errors import InvalidError
from backend.kit.forms import read_form

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: Bytes that are parsed and written at once, off the event loop.
BLOCK = 2**20
#: Bytes of all fields that are no files.
MOST_FIELD_BYTES = 2**20
MOST_FIELDS = 2000
#: Of a part: it holds the file's name, which may be long and is shortened later.
MOST_HEADER_BYTES = 2**17


@dataclass
class Form:
    """Parsed form: fields with their values, and the names of the files stored as "0", "1" in the folder."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        """Return a field's first value; None where it is missing or empty."""
        return next((value for value in self.fields.get(name, ()) if value), None)


async def receive(request: Request, folder: Path, uploads: Uploads) -> Form:
    """Write the files of a multipart body into a folder and return the rest.

    Raises
    ------
    TooLargeError
        As soon as more came than is allowed, or at once where the request says how much it will be.
    InvalidError
        When the body is no multipart form, or has too many files.
    """
    declared = request.headers.get("content-length", "")
    allowed = uploads.max_bytes + MOST_FIELD_BYTES
    if declared.isdecimal() and int(declared) > allowed:
        raise uploads.refuse_size()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return await _without_files(request)
    with ExitStack() as stack:
        parser = _Parser(request.headers.get("content-type", ""), folder, stack)
        received = 0
        async for block in _blocks(request):
            received += len(block)
            if received > allowed:
                raise uploads.refuse_size()
            await to_thread.run_sync(parser.write, block)
            if parser.file_bytes > uploads.max_bytes:
                raise uploads.refuse_size()
        await to_thread.run_sync(parser.finish)
    return parser.form


async def _without_files(request: Request) -> Form:
    """Read a form without files, such as one that names an upload."""
    try:
        return Form(fields=await read_form(request.stream(), MOST_FIELD_BYTES, MOST_FIELDS))
    except ValueError as error:
        raise _too_many_fields() from error


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in request.stream():
        waiting += chunk
        if len(waiting) >= BLOCK:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


class _Parser:
    """Drives python-multipart's push parser."""

    def __init__(self, content_type: str, folder: Path, stack: ExitStack) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise _refusal("should be a form with files (multipart/form-data): curl -F files=@data.zip ...")
        self.form = Form()
        self.file_bytes = 0
        self._folder, self._stack = folder, stack
        self._header = [b"", b""]
        self._disposition = b""
        self._field, self._value = "", bytearray()
        self._field_bytes = self._fields = 0
        self._file: BinaryIO | None = None
        self._ended = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._collect(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._collect(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._receive_part,
            "on_part_end": self._close,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks, max_header_size=MOST_HEADER_BYTES)

    def write(self, block: bytes) -> None:
        try:
            self._parser.write(block)
        except MultipartParseError as error:
            raise _refusal(f"can't be read as a form: {error}") from error

    def finish(self) -> None:
        """Refuse a form that does not end as forms end: the upload was cut off."""
        self._parser.finalize()
        if not self._ended:
            raise _refusal("ends in the middle; send it again")

    def _begin(self) -> None:
        self._disposition = b""

    def _collect(self, part: int, data: bytes) -> None:
        self._header[part] += data

    def _end_header(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field, self._value = _text(options.get(b"name", b"")), bytearray()
        if b"filename" not in options:
            return
        if len(self.form.names) == MOST_FILES:
            raise _refusal(f"has more than {MOST_FILES} files; bring one data set at a time", "files")
        path = self._folder / str(len(self.form.names))
        self.form.names.append(_file_name(_text(options[b"filename"])))
        self._file = self._stack.enter_context(path.open("wb"))

    def _receive_part(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self.file_bytes += self._file.write(data[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > MOST_FIELD_BYTES:
            raise _too_many_fields()
        self._value += data[start:end]

    def _close(self) -> None:
        if self._file is None:
            self._fields += 1
            if self._fields > MOST_FIELDS:
                raise _too_many_fields()
            self.form.fields.setdefault(self._field, []).append(_text(self._value))
            return
        self._file.close()
        self._file = None

    def _end(self) -> None:
        self._ended = True


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", errors="replace")


def _file_name(name: str) -> str:
    """Undo what browsers do to quotes and line ends in names."""
    for escape, letter in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        name = name.replace(escape, letter)
    return name or "file"


def _too_many_fields() -> InvalidError:
    return _refusal(f"has more than {MOST_FIELDS:,} fields, or fields of more than {MOST_FIELD_BYTES / 2**20:g} MiB")


def _refusal(message: str, where: str = "body") -> InvalidError:
    return InvalidError(f"The {where} {message}.", errors=[{"field": where, "message": message}])
