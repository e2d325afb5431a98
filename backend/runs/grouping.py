"""Group key of runs that differ only in their seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from synrl_core.config import stored_form


def group_key(config: Mapping[str, Any], policies: Mapping[str, str] | None = None) -> str:
    """Hash a stored configuration without its seed: 16 hexadecimal digits.

    Parameters
    ----------
    config
        As JSON holds it. Settings are compared by name, so that their order is of no account.
    policies
        The tables that the run keeps, as JSON by name: runs with different tables of one name are of two groups.
    """
    rest = {name: value for name, value in stored_form(config).items() if name != "seed"}
    if policies:
        rest["policies"] = dict(policies)
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
