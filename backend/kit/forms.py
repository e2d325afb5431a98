"""Parser of small URL-encoded forms without files."""

from __future__ import annotations

from collections.abc import AsyncIterable
from urllib.parse import parse_qs


async def read_form(body: AsyncIterable[bytes], most_bytes: int, most_fields: int) -> dict[str, list[str]]:
    """Read a form (``application/x-www-form-urlencoded``); each field with its values, empty ones left out.

    Parameters
    ----------
    body
        The body in pieces, as it comes in.
    most_bytes, most_fields
        Its limits. No more than that is kept in memory.

    Raises
    ------
    ValueError
        When the body exceeds a limit.
    """
    data = bytearray()
    async for piece in body:
        data += piece
        if len(data) > most_bytes:
            raise ValueError(f"the form has more than {most_bytes:,} bytes")
    return parse_qs(data.decode("utf-8", errors="replace"), max_num_fields=most_fields)
