"""Modules that are imported when something of them is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LateModule:
    """Stands for a module, which is imported when something of it is first used.

    The server's first page is served before the modules are needed that read and compute; where a page's module names
    those, it is by this. Type checkers see a plain import beside it, under ``TYPE_CHECKING``.

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
