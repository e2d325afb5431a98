"""Configuration of a run, as lists of terms."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic.fields import FieldInfo

from dashboard.words import setting
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.policies.policy import first_exploration

GROUPS = {
    "data": "Data",
    "network": "Network",
    "training": "Training",
    "policy": "Policy",
    "gradient": "Gradient descent",
    "measuring": "Measuring",
}


def configuration(config: TrainingConfig) -> list[Component]:
    """Return the settings that apply to this run, by group; values other than the default stand out."""
    groups: dict[str, list[Component]] = {}
    for name, field in TrainingConfig.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        value = asked = getattr(config, name)
        if asked is None and name == "exploration":
            value = _exploration(config)
        if value is not None and _applies(extra, config) and not _is_idle(name, config):
            entry = _entry(name, field, extra, value, asked)
            groups.setdefault(str(extra.get("group", "training")), []).append(entry)
    return [_group(title, groups[group]) for group, title in GROUPS.items() if group in groups]


def _applies(extra: dict[str, Any], config: TrainingConfig) -> bool:
    conditions: dict[str, list[Any]] = extra.get("applies_to", {})
    return all(getattr(config, name) in allowed for name, allowed in conditions.items())


def _is_idle(name: str, config: TrainingConfig) -> bool:
    """Return whether a setting changes nothing beside what others are set to."""
    if name == "give_up_below":
        return config.give_up_after is None
    return name.startswith("exploration_") and (config.exploration or _exploration(config)) == 0


def _exploration(config: TrainingConfig) -> float | None:
    """Return the exploration where none is set; None where the policies are not known here."""
    try:
        kinds = [policies.get(name) for name in (config.policy, config.bias_policy) if name is not None]
    except policies.UnknownPolicyError:
        return None
    return first_exploration(None, kinds)


def _entry(name: str, field: FieldInfo, extra: dict[str, Any], value: object, asked: object) -> Component:
    term: list[Any] = [field.title or name]
    if "symbol" in extra:
        term += [" ", html.Span(symbol(str(extra["symbol"])), className="symbol")]
    changed = asked != field.get_default(call_default_factory=True)
    unit = f" {extra['unit']}" if "unit" in extra and value not in (None, ()) else ""
    unit = unit.removesuffix("s") if value == 1 else unit
    return _pair(
        html.Dt(term, title=field.description),
        html.Dd(setting(value) + unit, className="changed" if changed else None),
    )


def symbol(name: str) -> str:
    """Return the paper's symbol as it is printed: 'αₛ' for 'alpha_s'."""
    return {"alpha_s": "αₛ", "epsilon": "ε", "alpha": "α", "gamma": "γ", "beta": "β", "theta": "θ"}.get(name, name)


def _pair(term: Component, definition: Component) -> Component:
    return html.Div([term, definition])


def _group(title: str, entries: list[Component]) -> Component:
    return html.Div([html.H3(title), html.Dl(entries)])
