"""The policies that ship, by name."""

from __future__ import annotations

from collections.abc import Callable

from synrl_core.policy import Policy, blank, random_policy, win_stay_lose_shift

#: Policies that are written by a rule, for any history.
RULES: dict[str, Callable[[int], Policy]] = {
    "win_stay_lose_shift": win_stay_lose_shift,
    "random": random_policy,
    "blank": blank,
}


class UnknownPolicyError(LookupError):
    """No policy has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no policy '{name}'. Choose one of: {', '.join(names())}.")


def names() -> tuple[str, ...]:
    """Return the names of the policies that ship."""
    return tuple(RULES)


def get(name: str, history: int | None = None) -> Policy:
    """Look up a policy that ships.

    Parameters
    ----------
    history
        Wanted history h, 1 to 3; None: what the policy was made for (2 for rules).

    Raises
    ------
    UnknownPolicyError
        When there is none of this name; its message lists what there is.
    """
    if name in RULES:
        return RULES[name](history or 2)
    raise UnknownPolicyError(name)
