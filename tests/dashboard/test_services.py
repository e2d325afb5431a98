"""Pages meet the server through one typed object."""

from __future__ import annotations

import re
from pathlib import Path

import dashboard

ROOT = Path(dashboard.__file__).parent


def test_pages_and_components_read_no_state_of_the_application() -> None:
    # An attribute of `app.server.state` is Any to the type checker, and unknown to import-linter.
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "components").glob("*.py")]
    assert len(sources) > 10
    for source in sources:
        assert re.search(r"\bserver\.state\b", source.read_text()) is None, source.name
