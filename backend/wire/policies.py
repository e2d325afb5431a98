"""Serialise the policies of a run that don't ship with the program, for its worker."""

from __future__ import annotations

from collections.abc import Mapping

from synrl_core import policies
from synrl_core.checks import PolicyLookup, find_policies
from synrl_core.config import TrainingConfig
from synrl_core.errors import ConfigError
from synrl_core.policies import files
from synrl_core.policies.policy import Policy


def pack(config: TrainingConfig, find_policy: PolicyLookup) -> dict[str, str]:
    """Return the JSON of each policy that a configuration names and that doesn't ship, by its name.

    A policy that can't be found is left out: the worker then fails the run with the reason.
    """
    if config.method != "synaptic" or {config.policy, config.bias_policy or config.policy} <= set(policies.names()):
        return {}
    try:
        policy, bias_policy = find_policies(config, find_policy)
    except ConfigError:
        return {}
    found = {config.policy: policy} | ({config.bias_policy: bias_policy} if config.bias_policy and bias_policy else {})
    return {name: files.to_json(one) for name, one in found.items() if name not in policies.names()}


def lookup(packed: Mapping[str, str], otherwise: PolicyLookup = policies.get) -> PolicyLookup:
    """Return a lookup of packed policies by their names.

    Parameters
    ----------
    otherwise
        Looks up what is not packed; by default among the policies that ship.

    Raises
    ------
    synrl_core.policies.files.PolicyFileError
        When a packed policy can't be read.
    """
    unpacked = {name: files.from_json(text) for name, text in packed.items()}

    def find(name: str, history: int | None) -> Policy:
        return unpacked[name] if name in unpacked else otherwise(name, history)

    return find
