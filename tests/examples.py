"""How many examples property tests draw: a quarter in `make check` and `make test`, all in `make test-all`.

Each run draws others, so that many short runs look at as much as one long one.
"""

from __future__ import annotations

import os

#: `all` draws as many examples as each test names.
VARIABLE = "SYNRL_TEST_EXAMPLES"
#: No property is tried on fewer.
FEWEST = 15


def examples(full: int) -> int:
    """Return how many examples to draw of the ``full`` number."""
    return full if os.environ.get(VARIABLE) == "all" else min(full, max(FEWEST, full // 4))
