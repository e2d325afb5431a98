"""Helper processes that die at the worst moment."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def die_while_sending(marker: Path) -> None:
    """Begin a message to the server and die, unless an earlier process left the marker."""
    if marker.exists():
        return
    marker.touch()
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None, "not in a process of a pool"
        frame = frame.f_back
    writer = frame.f_locals["result_queue"]._writer
    os.write(writer.fileno(), (10**6).to_bytes(4, "big") + b"the beginning of a result")
    os.kill(os.getpid(), signal.SIGKILL)
