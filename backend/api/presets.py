"""/presets: runs that are ready to start."""

from __future__ import annotations

from backend.api.dependencies import ReadSession
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.identity import Role
from backend.runs import presets
from backend.runs.presets_schemas import Preset

router = router_under("/presets", tags=["presets"])


@router.get("")
@requires(Role.VIEWER)
def list_presets(session: ReadSession) -> list[Preset]:
    """Return the presets that the page offers, in its order."""
    return presets.timed(session)
