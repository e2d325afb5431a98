"""``python -m benchmarks.reproduction quick | standard``: reproduce the paper on notMNIST, and time it.

It runs ``synrl reproduce`` from a clean start, with the pictures and the authors' table of benchmarks/data.py, and
writes its table and how long it took into docs/results.md. Interrupted, it goes on in the folder that it says:
``SYNRL_DATA_DIR=FOLDER python -m benchmarks.reproduction standard``; no time is told then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import FOLDER
from benchmarks.page import replace_between_marks

_SCALES = ("quick", "standard")


def main() -> None:
    """Reproduce at a scale, then write the table."""
    if sys.argv[1:] not in [[scale] for scale in _SCALES]:
        raise SystemExit(__doc__)
    scale = sys.argv[1]
    folder = Path(os.environ.get("SYNRL_DATA_DIR") or tempfile.mkdtemp(prefix="synrl-reproduction-"))
    print(f"Data folder: {folder} (SYNRL_DATA_DIR)", flush=True)
    written = folder / "report.md"
    is_clean = not (folder / "synrl.db").exists()
    command = [
        sys.executable, "-m", "backend.cli", "reproduce", "--scale", scale, "--data", str(FOLDER / "notmnist"),
        "--table", str(FOLDER / "golden_pol2cy.jld2"), "--report", str(written), "--force",
    ]  # fmt: skip
    began = time.monotonic()
    subprocess.run(command, check=True, env=os.environ | {"SYNRL_DATA_DIR": str(folder)})  # noqa: S603 (our own)
    took = time.monotonic() - began
    print(f"{took:.0f} s from the command to the filled table")
    said = f"From the command to the filled table: {took:.0f} s, on {os.cpu_count()} cores.\n\n" if is_clean else ""
    replace_between_marks(f"reproduction {scale}", said + written.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
