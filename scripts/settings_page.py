"""Write docs/settings.md from the class that reads the settings: ``python -m scripts.settings_page``."""

from __future__ import annotations

from pathlib import Path

from pydantic.fields import FieldInfo

from backend.kit.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
_HEAD = """# Settings

Environment variables, read at the start. Written by `python -m scripts.settings_page` from `backend/kit/settings.py`.

| variable | default | |
|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = (
        f"| `SYNRL_{name.upper()}` | {_default(name, field)} | {field.description or ''} |"
        for name, field in Settings.model_fields.items()
    )
    return _HEAD + "\n".join(rows) + "\n"


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return {
            "data_dir": "`~/.local/share/synrl` on Linux",
            "workers": "the number of cores",
            "playground_processes": "half the number of cores",
        }.get(name, "")
    if field.default in (None, "", ()):
        return ""
    if isinstance(field.default, int) and not isinstance(field.default, bool):
        return f"{field.default:,}" if name != "port" else str(field.default)
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
