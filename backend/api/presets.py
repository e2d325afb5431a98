"""/presets: runs that are ready to start."""

from __future__ import annotations

from fastapi import APIRouter

from backend.schemas.presets import Preset
from backend.services import presets

router = APIRouter(prefix="/presets", tags=["presets"])


@router.get("")
def list_presets() -> list[Preset]:
    """Return the presets that the page offers, in its order."""
    return presets.presets()
