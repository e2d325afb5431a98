"""Preparation of helper processes beside the server, such as judging or the playground."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing import connection

#: How far a helper stands back behind the server; training stands back further.
NICENESS = 5


def prepare() -> None:
    """Ignore a terminal's Ctrl-C, which the server hears; lower the priority; end when the server has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, name="watch parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
