"""Entry point of the command `synrl`, and of `python -m backend.cli`.

Worker processes are spawned and import the main module once more, so this one imports nothing else by itself: they
start half a second of processor time sooner.
"""

from __future__ import annotations

import gc
import sys

#: Exit status after Ctrl-C, as shells have it.
_INTERRUPTED = 130


def run() -> None:
    """Import the commands and execute the one that the command line names."""
    # Modules stay: looking for garbage among them takes a fifth of the time of the imports.
    gc.disable()
    try:
        from backend.cli.main import main
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    gc.enable()
    main()


if __name__ == "__main__":
    run()
