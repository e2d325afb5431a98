"""HTML documents without Dash: authentication, and the pages of a class session on phones and projectors."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard import theme

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} – SynRL</title>
<link rel="icon" type="image/svg+xml" href="{assets}favicon.svg">
<style>{style}</style>
{sheets}
<script src="{assets}scheme.js"></script>
{scripts}</head>
<body class="{name}" data-root="{root}">
{body}
</body>
</html>"""


def plain_document(
    title: str, body: str, *, name: str, sheet: str, assets: str, root: str = "", scripts: Sequence[str] = ()
) -> str:
    """Write a document with the colours, type and scheme of the pages.

    Parameters
    ----------
    title
        Words before the name of the product.
    body
        HTML of the body; the caller has escaped what people typed.
    name
        Class of the body.
    sheet
        Style sheet beside the common one, a file among the assets.
    assets
        Address of the assets, with a slash at its end.
    root
        Path under which a proxy shows the server, for scripts.
    scripts
        Elements of the head: scripts and hints to load them.
    """
    sheets = "\n".join(f'<link rel="stylesheet" href="{assets}{one}">' for one in ("synrl.css", sheet))
    return _DOCUMENT.format(
        title=escape(title),
        assets=assets,
        style=theme.css(),
        sheets=sheets,
        scripts="".join(f"{one}\n" for one in scripts),
        name=name,
        root=escape(root),
        body=body,
    )
