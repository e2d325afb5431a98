"""Requests drawn from the API's own description, few of them: `make test-all` draws them by the thousand."""

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
        code, said = fuzz(url, examples=2, seed=1, token=token)
        assert code == 0, said
    assert "Traceback" not in "".join(server.output)
