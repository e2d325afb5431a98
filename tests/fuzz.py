"""Requests of every kind against the API's own description: ``python -m tests.fuzz [examples]``.

Starts a server and lets schemathesis ask it, all checks on. A test does the same with few examples.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.server import ROOT, running

#: Streams end when their run ends, which may be never: they have tests of their own.
STREAMS = "events$"
#: A server where people sign in, and where as many attempts are allowed as the tool makes without a token.
LENIENT = {
    "SYNRL_SIGN_IN": "always",
    "SYNRL_REQUESTS_PER_MINUTE": "1000000",
    "SYNRL_SIGN_IN_ATTEMPTS": "10000",
}


def fuzz(
    url: str,
    examples: int,
    *,
    phases: str = "examples,fuzzing",
    seed: int | None = None,
    token: str | None = None,
    but_method: str | None = None,
) -> tuple[int, str]:
    """Ask a server, but nothing by the method that is named; return the exit code and what was said."""
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(ROOT / "tests" / "schemathesis.toml")]
    command += ["run", f"{url}/openapi.json", "--checks", "all", "--max-examples", str(examples)]
    command += ["--phases", phases, "--exclude-path-regex", STREAMS, "--continue-on-failure", "--no-color"]
    command += [] if token is None else ["--header", f"Authorization: Bearer {token}"]
    command += [] if seed is None else ["--seed", str(seed)]
    command += [] if but_method is None else ["--exclude-method", but_method]
    hooks = os.environ | {"SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    asked = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=hooks)
    return asked.returncode, asked.stdout + asked.stderr


def main(examples: int) -> int:
    """Ask an open server at length, then one where people sign in; return the exit code."""
    worst = 0
    for settings, phases in (({}, "examples,coverage,fuzzing,stateful"), (LENIENT, "examples,fuzzing")):
        with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS="1", **settings) as server:
            url, _, token = server.url.partition("/?token=")
            code, said = fuzz(url, examples, phases=phases, token=token or None)
            said += "".join(server.output) if "Traceback" in "".join(server.output) else ""
        print(said)
        worst = max(worst, code, int("Traceback" in said))
    return worst


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
