"""Files that carry no licence to ship: notMNIST and the authors' table, where they lie and which tests need them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("SYNRL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
NOTMNIST = DATA / "notmnist"
AUTHORS = DATA / "golden_pol2cy.jld2"

needs_notmnist = pytest.mark.skipif(
    not NOTMNIST.is_dir(), reason=f"notMNIST's files are not at {NOTMNIST}; set SYNRL_TEST_DATA"
)
needs_authors = pytest.mark.skipif(
    not AUTHORS.is_file(), reason=f"the authors' file is not at {AUTHORS}; set SYNRL_TEST_DATA"
)
