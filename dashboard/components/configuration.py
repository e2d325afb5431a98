"""A run's configuration and where it comes from, as lists of terms."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic.fields import FieldInfo

from backend.runs.schemas import RunRead
from dashboard.words import moment, setting
from synrl_core.config import TrainingConfig

GROUPS = {
    "data": "Data",
    "network": "Network",
    "training": "Training",
    "policy": "Policy",
    "gradient": "Gradient descent",
    "measuring": "Measuring",
}
_NAMES = {"synrl": "SynRL", "numpy": "NumPy", "scikit learn": "scikit-learn", "cpu": "CPU"}


def configuration(config: TrainingConfig) -> list[Component]:
    """Return the settings that have a meaning for this run, by group; what differs from the default stands out."""
    groups: dict[str, list[Component]] = {}
    for name, field in TrainingConfig.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if _applies(extra, config):
            entry = _entry(name, field, extra, getattr(config, name))
            groups.setdefault(str(extra.get("group", "training")), []).append(entry)
    return [_group(title, groups[group]) for group, title in GROUPS.items() if group in groups]


def provenance(run: RunRead) -> Component:
    """Return what is needed to get the same numbers again: times, data, versions, machine."""
    known: dict[str, str] = {
        "Run": run.id,
        "Created": moment(run.created_at),
        "Started": moment(run.started_at),
        "Ended": moment(run.finished_at),
        "Data (SHA-256)": run.dataset_hash[:16] if run.dataset_hash else "–",
        **{_title(key): setting(value) for key, value in _flat(run.provenance or {}).items()},
    }
    return _group("Provenance", [_pair(html.Dt(term), html.Dd(value)) for term, value in known.items()])


def _applies(extra: dict[str, Any], config: TrainingConfig) -> bool:
    conditions: dict[str, list[Any]] = extra.get("applies_to", {})
    return all(getattr(config, name) in allowed for name, allowed in conditions.items())


def _entry(name: str, field: FieldInfo, extra: dict[str, Any], value: object) -> Component:
    term: list[Any] = [field.title or name]
    if "symbol" in extra:
        term += [" ", html.Span(symbol(str(extra["symbol"])), className="symbol")]
    changed = value != field.get_default(call_default_factory=True)
    unit = f" {extra['unit']}" if "unit" in extra and value not in (None, ()) else ""
    unit = unit.removesuffix("s") if value == 1 else unit
    return _pair(
        html.Dt(term, title=field.description),
        html.Dd(setting(value) + unit, className="changed" if changed else None),
    )


def symbol(name: str) -> str:
    """Return the paper's symbol as it is printed: 'αₛ' for 'alpha_s'."""
    return {"alpha_s": "αₛ", "epsilon": "ε", "alpha": "α", "gamma": "γ"}.get(name, name)


def _pair(term: Component, definition: Component) -> Component:
    return html.Div([term, definition])


def _group(title: str, entries: list[Component]) -> Component:
    return html.Div([html.H3(title), html.Dl(entries)])


def _title(key: str) -> str:
    words = key.replace("_", " ")
    return _NAMES.get(words, words[:1].upper() + words[1:])


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat.update(_flat(value, f"{name} ") if isinstance(value, dict) else {name: value})
    return flat
