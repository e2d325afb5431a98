"""Modules that are imported when something of them is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LateModule:
    """Stands for a module, which is imported when something of it is first used.

    The first page of the server needs no module that reads or computes. The modules of the pages name those by this
    class, so that the start does not wait for them. Type checkers see a plain import beside it, under
    ``TYPE_CHECKING``.

    Parameters
    ----------
    name
        Full name of the module, such as "backend.runs.service".
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Import the module and return what it has under a name."""
        return getattr(import_module(self._name), name)
