"""Standalone page of the playground: one HTML file with its scripts and styles, which needs no server and no network.

A page that was opened from a file may import no module from another file. So each module is a ``data:`` address in an
import map, and imports the others by the names that the map gives them.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from fastapi import FastAPI, Response

from backend.kit.access import static
from dashboard import theme
from dashboard.modules import FOLDER, STANDALONE
from dashboard.script_data import script_json

PATH = "/assets/standalone/playground.html"
#: Stands where the page that saves the file writes scene and tape as JSON.
SLOT = "SCENE"
_STYLES = ("synrl.css", "datasets.css", "runs.css", "playground.css")
_ASSETS = Path(__file__).parent / "assets"
_IMPORT = re.compile(r"""^((?:import|export)\b[^;"'()]*)(["'])(\.{1,2}/[^"']+)\2""", re.MULTILINE)
_FETCHED = re.compile(r"@font-face\s*\{[^}]*\}|[\w-]+:\s*[^;{}]*url\([^)]*\)[^;}]*;?")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Playground \u2013 SynRL</title>
<style>STYLE</style>
<script type="importmap">MAP</script>
<script type="application/json" id="synrl-theme">DATA</script>
<script type="application/json" data-scene>SCENE</script>
<script type="module">import "ENTRY";</script>
</head>
<body>
<main class="playground-page"><h1 class="visually-hidden">Playground</h1>
<div id="playground" class="playground"></div></main>
</body>
</html>
"""


def standalone_page(folder: Path = FOLDER) -> str:
    """Write the page, with `SLOT` in place of its scene."""
    sources = dict(_modules(folder, STANDALONE, {}))
    addresses = {_name(path): _data_address(source) for path, source in sources.items()}
    styles = "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in _STYLES)
    style = theme.css() + _FETCHED.sub("", styles)
    return (
        _PAGE.replace("STYLE", style.replace("</", "<\\/"))
        .replace("MAP", json.dumps({"imports": addresses}))
        .replace("DATA", script_json())
        .replace("ENTRY", _name(STANDALONE))
    )


def page_with(stored: dict[str, Any]) -> str:
    """Write the page with its scene in it: what ``stored.js`` calls `Stored`, as JSON values."""
    scene = json.dumps(stored, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return standalone_page().replace(f">{SLOT}<", f">{scene}<")


class Standalone:
    """The page as it is served: written when it is first asked for."""

    def __init__(self) -> None:
        self._page: bytes | None = None

    def serve(self, server: FastAPI) -> None:
        """Add its route to an application. It must come before a mount of ``/assets``."""
        server.add_api_route(PATH, self._answer, methods=["GET"], include_in_schema=False, response_model=None)

    @static
    async def _answer(self) -> Response:
        if self._page is None:
            self._page = standalone_page().encode()
        # Never shown by this server, whose policy its scripts would break: saved as a file.
        headers = {"Cache-Control": "no-cache", "Content-Disposition": "attachment"}
        return Response(self._page, media_type="text/html", headers=headers)


def _modules(folder: Path, path: str, found: dict[str, str]) -> dict[str, str]:
    """Read a module and all that it imports, with imports by name."""
    if path in found:
        return found
    source = (folder / path).read_text(encoding="utf-8")
    imported = [normpath(join(dirname(path), match[3])) for match in _IMPORT.finditer(source)]
    found[path] = _IMPORT.sub(lambda match: f'{match[1]}"{_name(normpath(join(dirname(path), match[3])))}"', source)
    for other in imported:
        _modules(folder, other, found)
    return found


def _name(path: str) -> str:
    return f"synrl/{path}"


def _data_address(source: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(source.encode()).decode()}"
