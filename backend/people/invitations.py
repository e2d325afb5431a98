"""QR codes of addresses with which a class joins."""

from __future__ import annotations

import io
import re

import segno

from backend.kit.errors import InvalidError


def qr_code(code: str, address: str) -> bytes:
    """Return the QR code of an address as SVG, dark on light with its quiet zone.

    Raises
    ------
    InvalidError
        When the address does not end in /join/ and the code.
    """
    if not (re.match(r"https?://", address) and address.endswith(f"/join/{code}")):
        message = f"should be an address that ends in /join/{code}, such as http://192.168.0.2:8050/join/{code}"
        raise InvalidError.of("address", message, value=address)
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return picture.getvalue()
