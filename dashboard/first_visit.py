"""First visit of a browser to the page of the runs: the newest runs come first, and Dash with its grid after them.

Dash, its components and the grid are 1.4 MB of scripts, which a browser has in its cache from its second visit on.
Until then they wait in a template, which web/first_visit.js empties once it has shown a plain table of the newest runs.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Cookie of a browser that has the scripts in its cache, and the seconds for which it is kept.
VISITED = "synrl-visited"
YEAR = 365 * 24 * 3600
_BEGIN, _END = "<footer>", "</footer>"


def is_first(cookies: Mapping[str, str]) -> bool:
    """Return whether a browser with these cookies was never here."""
    return VISITED not in cookies


def in_two_steps(page: str, entry: str, rest: str) -> str:
    """Return a page whose scripts wait in a template, but for those of the table.

    Parameters
    ----------
    page
        The page around all pages, with Dash's scripts in its footer.
    entry
        Tags of the module of the table.
    rest
        Tags of the modules of the page.
    """
    before, _, scripts = page.partition(_BEGIN)
    scripts, _, after = scripts.partition(_END)
    head, _, body = before.partition("</head>")
    return f'{head}{entry}\n</head>{body}{_BEGIN}<template id="later">{scripts}{rest}</template>{_END}{after}'
