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


@pytest.mark.timeout(600)
def test_where_people_sign_in_no_request_is_answered_that_does_not_say_who_asks(tmp_path: Path) -> None:
    # So many attempts as the tool makes without a token, and with wrong ones.
    lenient = {"SYNRL_REQUESTS_PER_MINUTE": "1000000", "SYNRL_SIGN_IN_ATTEMPTS": "10000"}
    with running(tmp_path, SYNRL_SIGN_IN="always", SYNRL_WORKERS="1", **lenient) as server:
        url, token = server.url.split("/?token=")
        code, said = fuzz(url, examples=1, seed=1, token=token)
        assert code == 0, said
    assert "Traceback" not in "".join(server.output)
