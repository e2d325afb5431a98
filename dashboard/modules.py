"""Serve the pages' JavaScript modules under the hash of their contents, compressed, cacheable for ever.

Modules import each other by relative paths, which carry no version. So the folder does: its name changes when any
module does, and a browser never mixes modules of two versions. They are read once, when the server starts.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from pathlib import Path

from fastapi import FastAPI, Request, Response

from backend.kit.access import static

FOLDER = Path(__file__).parent / "web"
#: The module that imports all others.
ENTRY = "main.js"
#: Modules with which a page begins, by how its path begins; they are loaded when the page is opened (web/pages.js).
PAGES = {
    "/runs/": "run/page.js",
    "/compare": "compare/page.js",
    "/new": "new_run/page.js",
    "/datasets": "data/page.js",
    "/learn": "learn/list.js",
    "/learn/": "learn/lesson.js",
    "/playground": "playground/page.js",
    "/policies": "policies/page.js",
    "/class": "classroom/page.js",
    "/paper": "paper/page.js",
    "/settings": "people/tokens.js",
}
#: Entries of the two documents that are no pages of Dash (dashboard/pages/session_documents.py).
SEAT, BOARD = "classroom/seat.js", "classroom/board.js"
DOCUMENTS = (SEAT, BOARD)
#: Entry of the page that is saved as a file (dashboard/standalone.py): no page of the server loads it.
STANDALONE = "playground/standalone.js"
#: Entry of the page of the runs for a browser that was never here (dashboard/first_visit.py).
FIRST_VISIT = "first_visit.js"
#: Module of the page that shows a personal code (dashboard/pages/sign_in.py), which loads no other.
PERSONAL_CODE = "people/personal_code.js"
_PREFIX = "assets/modules"
#: An import that is needed before a module runs; not one that is a call: `import(...)`.
_IMPORT = re.compile(r'^(?:import|export)\b[^;"(]*"(\.[^"]+)";', re.MULTILINE)
_DIGITS = 16


class Modules:
    """Modules of a folder, compressed and hashed.

    Parameters
    ----------
    folder
        Where the modules are; those in folders below are served under their relative paths.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*.js") if path.relative_to(folder).as_posix() != STANDALONE)
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        self._compressed = {name: gzip.compress(body, 9, mtime=0) for name, body in self._files.items()}
        digest = hashlib.sha256()
        for name, body in self._files.items():
            digest.update(f"{name} {len(body)} ".encode() + body)
        self.version = digest.hexdigest()[:_DIGITS]
        """Hash of the names and contents of all modules."""

    @property
    def names(self) -> list[str]:
        """Paths of the modules below their folder, the entry first."""
        return [ENTRY, *(name for name in self._files if name != ENTRY)]

    def closure(self, name: str) -> set[str]:
        """Return a module and all that it imports, directly or not, before it runs."""
        found: set[str] = set()
        new = [name]
        while new:
            module = new.pop()
            if module in found:
                continue
            found.add(module)
            folder = posixpath.dirname(module)
            text = self._files[module].decode()
            new += [posixpath.normpath(posixpath.join(folder, path)) for path in _IMPORT.findall(text)]
        return found

    def of_page(self, path: str) -> list[str]:
        """Return the modules that the page at a path needs, without the entry."""
        needed = self.closure(ENTRY)
        for start, page in PAGES.items():
            if path.startswith(start):
                needed |= self.closure(page)
        return sorted(needed - {ENTRY})

    def path(self, name: str) -> str:
        """Path of a module on the server, without a leading slash."""
        return f"{_PREFIX}/{self.version}/{name}"

    def serve(self, server: FastAPI) -> None:
        """Add the route of the modules to an application. It must come before a mount of ``/assets``."""
        server.add_api_route(
            f"/{_PREFIX}/{{version}}/{{name:path}}",
            self._answer,
            methods=["GET", "HEAD"],
            include_in_schema=False,
            response_model=None,
        )

    @static
    async def _answer(self, request: Request, version: str, name: str) -> Response:
        if version != self.version or name not in self._files:
            return Response(status_code=404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        body = self._files[name]
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = self._compressed[name]
        return Response(body, media_type="text/javascript", headers=headers)
