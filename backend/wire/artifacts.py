"""Artifact store: weights and data sets in any fsspec file system, a local folder by default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem

from backend.kit.errors import NotFoundError


class _FileSystem(Protocol):
    def makedirs(self, path: str, exist_ok: bool = ...) -> None: ...
    def pipe_file(self, path: str, value: bytes) -> None: ...
    def cat_file(self, path: str) -> bytes: ...
    def mv(self, path1: str, path2: str) -> None: ...
    def exists(self, path: str) -> bool: ...
    def rm(self, path: str, recursive: bool = ...) -> None: ...
    def open(self, path: str, mode: str) -> BinaryIO: ...
    def size(self, path: str) -> int: ...
    def find(self, path: str) -> list[str]: ...


class Artifacts:
    """Files of all runs and data sets under one URL; writes are atomic."""

    def __init__(self, url: str) -> None:
        filesystem, root = fsspec.core.url_to_fs(url)
        self._files: _FileSystem = filesystem
        self._root: str = root.rstrip("/")
        self.url = url

    def write(self, path: str, data: bytes, *, durable: bool = False) -> None:
        """Write a file under its path relative to the root, replacing one that is there.

        Parameters
        ----------
        durable
            Return when it would survive a power cut; on a local disk, that is. Other places promise that by themselves.
        """
        target = f"{self._root}/{path}"
        self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        # A reader, or a crash, must never meet half a file. A name of its own: an abandoned attempt may still write.
        part = f"{target}.{secrets.token_hex(4)}.part"
        try:
            self._files.pipe_file(part, data)
            if durable:
                self._sync(part)
            self._files.mv(part, target)
            if durable:
                self._sync(target.rsplit("/", 1)[0])
        except BaseException:
            with suppress(Exception):
                self._files.rm(part)
            raise

    def sync(self, paths: Iterable[str]) -> None:
        """Return when these files would survive a power cut; files that are gone are passed over."""
        folders: set[str] = set()
        for path in paths:
            with suppress(FileNotFoundError):
                self._sync(f"{self._root}/{path}")
                folders.add(f"{self._root}/{path}".rsplit("/", 1)[0])
        for folder in folders:
            self._sync(folder)

    def _sync(self, full_path: str) -> None:
        if not self.is_local or os.name != "posix":
            return
        descriptor = os.open(full_path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def probe(self, size: int) -> None:
        """Write a file of a size, read it and delete it; OSError when that fails."""
        path, data = f".probe-{secrets.token_hex(4)}", bytes(size)
        try:
            self.write(path, data, durable=True)
            if len(self.read(path)) != size:
                raise OSError(f"{self._root} gave back less than was written")
        finally:
            with suppress(OSError):
                self.delete(path)

    def read(self, path: str) -> bytes:
        """Read a file.

        Raises
        ------
        NotFoundError
            When it is not there (any longer).
        """
        try:
            return self._files.cat_file(f"{self._root}/{path}")
        except FileNotFoundError as error:
            raise NotFoundError(f"The file {path} is no longer among the artifacts at {self._root}.") from error

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """Write a large file piece by piece; it takes its place when the block ends, or leaves nothing behind."""
        target = f"{self._root}/{path}"
        # A name of its own: two may write the same content at once.
        part = f"{target}.{secrets.token_hex(4)}.part"
        self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        try:
            with self._files.open(part, "wb") as file:
                yield file
            self._files.mv(part, target)
        except BaseException:
            with suppress(FileNotFoundError):
                self._files.rm(part)
            raise

    @contextmanager
    def reading(self, path: str) -> Iterator[BinaryIO]:
        """Open a file to read it piece by piece; NotFoundError when it is not there (any longer)."""
        try:
            file = self._files.open(f"{self._root}/{path}", "rb")
        except FileNotFoundError as error:
            raise NotFoundError(f"The file {path} is no longer among the artifacts at {self._root}.") from error
        with file:
            yield file

    @property
    def is_local(self) -> bool:
        """Whether the files lie on this machine's own disk, where a cached copy gains nothing."""
        return isinstance(self._files, LocalFileSystem)

    def paths(self) -> list[str]:
        """Return the paths of all files there are."""
        if not self._files.exists(self._root):
            return []
        return [path[len(self._root) + 1 :] for path in self._files.find(self._root)]

    @property
    def local_folder(self) -> Path | None:
        """The folder of the files where they lie on this machine's disk, else None."""
        return Path(self._root) if self.is_local else None

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._files.exists(f"{self._root}/{path}")

    def size(self, path: str) -> int:
        """Return a file's size in bytes."""
        return self._files.size(f"{self._root}/{path}")

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._files.rm(f"{self._root}/{path}")

    def run_files(self) -> list[str]:
        """Return the paths of all files of runs."""
        folder = f"{self._root}/runs"
        found = self._files.find(folder) if self._files.exists(folder) else []
        # Stores without folders give paths without the leading slash.
        return [
            path[path.index(f"{self._root.lstrip('/')}/runs/") + len(self._root.lstrip("/")) + 1 :] for path in found
        ]

    def delete_run(self, run_id: str) -> None:
        """Remove all files of a run, if it has any."""
        folder = f"{self._root}/{run_folder(run_id)}"
        if self._files.exists(folder):
            self._files.rm(folder, recursive=True)


def run_folder(run_id: str) -> str:
    """Return the folder of a run, relative to the root."""
    return f"runs/{run_id}"


def snapshot_path(run_id: str, attempt: int, iteration: int) -> str:
    """Return the path of a snapshot, relative to the root. No attempt overwrites the files of another."""
    return f"{run_folder(run_id)}/snapshots/{iteration:012d}.{attempt}.npz"


def checkpoint_path(run_id: str, attempt: int, iteration: int) -> str:
    """Return the path of a checkpoint, relative to the root. No attempt overwrites the files of another."""
    return f"{run_folder(run_id)}/checkpoints/{iteration:012d}.{attempt}.checkpoint"


class RunFile(NamedTuple):
    """Run and attempt that a file's path names."""

    run_id: str
    attempt: int | None
    """Who wrote it; None where the name does not tell."""


def run_file(path: str) -> RunFile:
    """Parse the path of a run's file: the inverse of `snapshot_path` and `checkpoint_path`."""
    _, run_id, *rest = path.split("/")
    parts = rest[-1].split(".") if rest else []
    return RunFile(run_id, int(parts[1]) if len(parts) > 2 and parts[1].isdigit() else None)


def dataset_path(content_hash: str) -> str:
    """Return the path of a stored data set, relative to the root."""
    return f"datasets/{content_hash}.npz"
