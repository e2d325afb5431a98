"""Keep Ctrl-C (SIGINT) from child processes, which their parent ends."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Start child processes with SIGINT blocked; for the main thread.

    Ctrl-C in a terminal reaches every process of the group. A child that still imports its modules would print where
    it was interrupted, and end before its parent can tell it to. This process goes on to handle the signal, as soon as
    its main thread runs again. On Windows nothing is changed.
    """
    if sys.platform == "win32":
        yield
        return
    # It unblocks the signal in the thread that starts it, which would start our children then.
    resource_tracker.ensure_running()
    # Children inherit what is blocked. This thread, which alone does not block it, takes it for the process.
    is_over = threading.Event()
    threading.Thread(target=is_over.wait, name="Ctrl-C", daemon=True).start()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        is_over.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
