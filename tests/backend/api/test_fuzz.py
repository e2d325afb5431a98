"""Requests drawn from the API's own description, few and only those that change something.

`make test-all` draws all others too, by the thousand (tests/fuzz.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import LENIENT, fuzz
from tests.server import running


@pytest.mark.timeout(600)
def test_no_drawn_request_meets_a_fault_or_is_answered_without_sign_in(tmp_path: Path) -> None:
    """schemathesis asks as the teacher, and each operation once more without a token and with a wrong one."""
    with running(tmp_path, SYNRL_WORKERS="1", **LENIENT) as server:
        url, token = server.url.split("/?token=")
        code, said = fuzz(url, examples=1, phases="fuzzing", seed=1, token=token, but_method="GET")
        assert code == 0, said
    said = "".join(server.output)
    assert "Traceback" not in said, said
