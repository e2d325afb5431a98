from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import fuzz
from tests.server import running


@pytest.mark.timeout(600)
def test_no_request_that_can_be_drawn_from_the_description_meets_a_fault(tmp_path: Path) -> None:
    with running(tmp_path, SYNRL_WORKERS="1") as server:
        code, said = fuzz(server.url, examples=3, seed=1)
        assert code == 0, said
    assert "Traceback" not in "".join(server.output)
