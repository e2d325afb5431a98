"""Compatibility of two machines: equal code, package versions and shared artifacts."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import backend
import synrl_core
from backend.wire.artifacts import Artifacts

#: Packages that results, or what goes over the wire, depend on.
PACKAGES = ("synrl", "numpy", "scipy", "scikit-learn", "distributed", "dask", "msgpack", "cloudpickle", "fsspec")
#: Those that a scheduler must share, be it ours or `dask scheduler`.
OVER_THE_WIRE = ("distributed", "dask", "msgpack", "cloudpickle")


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that must be equal on all machines, by name."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"code": _code(), "python": python, **{name: version(name) for name in PACKAGES}}


def _code() -> str:
    """Return 12 hex digits of the SHA-256 of the source files on disk."""
    hashed = hashlib.sha256()
    for package in (synrl_core, backend):
        root = Path(str(package.__file__)).parent
        for path in sorted((*root.rglob("*.py"), *root.rglob("*.json"))):
            hashed.update(f"{package.__name__}/{path.relative_to(root).as_posix()}\0".encode())
            hashed.update(path.read_bytes())
    return hashed.hexdigest()[:12]


def identify(artifacts_url: str, path: str) -> tuple[dict[str, str], str]:
    """Return, in a worker, its versions and the content of a file of the artifacts; called through Dask."""
    try:
        seen = Artifacts(artifacts_url).read(path).decode()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    return versions(), seen


def scheduler_differences(told: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the versions that differ at a scheduler, by its own report: all messages pass through it."""
    packages = {name: told["packages"].get(name) for name in OVER_THE_WIRE}
    theirs = {name: version for name, version in packages.items() if version is not None}
    theirs["python"] = ".".join(str(told["packages"]["python"]).split(".")[:2])
    return differences(theirs, {name: versions()[name] for name in (*OVER_THE_WIRE, "python")})


def differences(theirs: dict[str, str], ours: dict[str, str] | None = None) -> str:
    """Name the versions that differ between two machines, both values of each; empty when they agree."""
    ours = versions() if ours is None else ours
    names = [name for name in ours | theirs if ours.get(name) != theirs.get(name)]
    return ", ".join(f"{name} {theirs.get(name, 'absent')} there and {ours.get(name, 'absent')} here" for name in names)
