"""Look up the policies that ship, by name: rules, and the tables in this folder (JSON)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

from synrl_core.policies.files import from_json
from synrl_core.policies.policy import Policy, blank, random_policy, win_stay_lose_shift
from synrl_core.validation_messages import did_you_mean

#: Policies that are written by a rule, for any history.
RULES: dict[str, Callable[[int], Policy]] = {
    "win_stay_lose_shift": win_stay_lose_shift,
    "random": random_policy,
    "blank": blank,
}


class UnknownPolicyError(LookupError):
    """No policy has this name.

    Parameters
    ----------
    more
        Names to choose from beside those that ship.
    """

    def __init__(self, name: str, more: Sequence[str] = ()) -> None:
        self.name = name
        offered = (*names(), *more)
        near = did_you_mean(name, offered)
        super().__init__(f"there is no policy '{name}'.{near} Choose one of: {', '.join(offered)}.")


def names() -> tuple[str, ...]:
    """Return the names of the policies that ship."""
    return (*RULES, *_shipped())


def get(name: str, history: int | None = None) -> Policy:
    """Look up a policy that ships.

    Parameters
    ----------
    history
        Wanted history h, 1 to 3. Rules are written for any (None: 2); a table has its own.

    Raises
    ------
    UnknownPolicyError
        When there is none of this name; its message lists the names.
    """
    if name in RULES:
        return RULES[name](history or 2)
    if name in _shipped():
        return _shipped()[name]
    raise UnknownPolicyError(name)


@cache
def _shipped() -> dict[str, Policy]:
    """Read the tables beside this file, by name."""
    files = sorted(entry.name for entry in resources.files(__name__).iterdir() if entry.name.endswith(".json"))
    policies = [from_json((resources.files(__name__) / file).read_text(encoding="utf-8")) for file in files]
    return {policy.name: policy for policy in policies}
