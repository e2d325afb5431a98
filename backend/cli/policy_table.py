"""Draw a policy's table as text, for `synrl policy show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    from synrl_core.policies.policy import Policy

_ARROWS = {0: "down", 1: "stay", 2: "up"}


def action_table(one: Policy) -> str:
    """Write the action of a synapse in every state: past actions down the side, past rewards along the top.

    Of a stochastic policy it is the likeliest action, with its probability in per cent.
    """
    from itertools import product

    import numpy as np

    states = 3**one.history
    greedy = one.greedy().reshape(states, states)
    likely = np.round(100 * one.probabilities().max(axis=0).reshape(states, states)).astype(int)
    rewarded = list(product((-1, 0, 1), repeat=one.history))
    seen = [place for place, rewards in enumerate(rewarded) if 0 not in rewards]  # 0: before the first rewards

    def cell(place: int, reward: int) -> str:
        arrow = _ARROWS[int(greedy[place, reward])]
        return f"{arrow} {likely[place, reward]}" if one.temperature else arrow

    width = max(9 if one.temperature else 5, 3 * one.history + 1)
    pasts = [" ".join(_ARROWS[code] for code in past) for past in np.ndindex((3,) * one.history)]
    side = max(map(len, pasts))
    top = "".join(f"{' '.join(f'{reward:+d}' for reward in rewarded[place]):>{width}}" for place in seen)
    rows = [
        f"{past:>{side}} |" + "".join(f"{cell(place, reward):>{width}}" for reward in seen)
        for place, past in enumerate(pasts)
    ]
    content = "likeliest action, its probability in %," if one.temperature else "action"
    return "\n".join([f"{'past actions':>{side}} | {content} after past rewards", f"{'':>{side}} |{top}", *rows])
