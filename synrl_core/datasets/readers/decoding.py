"""Decode one picture (PNG of any depth, or JPEG) to upright grey pixels."""

from __future__ import annotations

import io
import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from synrl_core.datasets.errors import quoted
from synrl_core.datasets.limits import ReaderLimits

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
#: Where EXIF keeps how a camera was held, and what undoes it.
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: PNG's types of colour that are more than grey, of which 16 bits are cut to 8.
_COLOURED = frozenset({2, 4, 6})


class UnreadableError(Exception):
    """A picture can't be decoded; the message says why."""


class Picture(NamedTuple):
    """A decoded picture.

    Attributes
    ----------
    pixels
        (height, width) uint8, or uint16 where the file has 16 bits of grey.
    alpha
        (height, width) uint8, 0 clear and 255 opaque; None where all is opaque.
    turned
        Whether it was turned as its EXIF says.
    cut
        Whether 16 bits of colour were cut to 8.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    alpha: NDArray[np.uint8] | None
    turned: bool
    cut: bool


def decode(data: bytes, limits: ReaderLimits, shape: tuple[int, ...] | None) -> Picture:
    """Decode a picture; its size is checked before it is unpacked.

    Parameters
    ----------
    shape
        (height, width) that it must have; None: any.

    Raises
    ------
    UnreadableError
        When it is no PNG or JPEG, too large, or of another size.
    OSError, ValueError, ...
        Whatever Pillow raises on damaged ones.
    """
    is_png = data[:8] == _PNG and data[12:16] == b"IHDR" and len(data) >= 24
    if not is_png and data[:3] != _JPEG:
        raise UnreadableError("no PNG or JPEG")
    if is_png:
        width, height = struct.unpack(">II", data[16:24])
        _check_size(width, height, limits)
    file = io.BytesIO(data)
    # What Image.open would find out about a PNG is known, and it takes a tenth of the time of a small one.
    with PngImageFile(file) if is_png else Image.open(file, formats=["JPEG"]) as picture:
        width, height = picture.size
        _check_size(width, height, limits)
        if shape is not None and (height, width) not in (shape, shape[::-1]):
            raise UnreadableError(_other_size((height, width), shape))
        cut = is_png and data[24] == 16 and data[25] in _COLOURED
        return _upright(picture, shape, cut=cut)


def _check_size(width: int, height: int, limits: ReaderLimits) -> None:
    if width * height > limits.inputs:
        raise UnreadableError(f"{height} x {width} pixels, at most {limits.inputs:,} in all")


def _upright(picture: Image.Image, shape: tuple[int, ...] | None, *, cut: bool) -> Picture:
    picture.load()  # a PNG may have its EXIF after the pixels
    if picture.mode == "L" and not picture.info:  # as most sets of small pictures are
        return _checked(_bytes(picture, None), None, shape, turned=False, cut=cut)
    how = _UPRIGHT.get(_orientation(picture)) if picture.info else None
    alpha = None
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or (
        "transparency" in picture.info and not picture.mode.startswith("I")
    ):
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
    if picture.mode.startswith("I"):
        grey: NDArray[Any] = np.asarray(picture).astype(np.int64).clip(0, 65535).astype(np.uint16)
        if how is not None:
            grey = np.asarray(Image.fromarray(grey).transpose(how))
    else:
        grey = _bytes(picture if picture.mode == "L" else picture.convert("L"), how)
    clear = None if alpha is None or alpha.getextrema()[0] == 255 else _bytes(alpha, how)
    return _checked(grey, clear, shape, turned=how is not None, cut=cut)


def _checked(
    pixels: NDArray[Any], alpha: NDArray[np.uint8] | None, shape: tuple[int, ...] | None, *, turned: bool, cut: bool
) -> Picture:
    if shape is not None and pixels.shape != shape:
        raise UnreadableError(_other_size(pixels.shape, shape))
    return Picture(pixels, alpha, turned, cut)


def _bytes(picture: Image.Image, how: Image.Transpose | None) -> NDArray[np.uint8]:
    turned = picture if how is None else picture.transpose(how)
    return np.frombuffer(turned.tobytes(), dtype=np.uint8).reshape(turned.height, turned.width)


def _orientation(picture: Image.Image) -> int:
    """Read the orientation of a picture from EXIF; damaged EXIF is ignored."""
    if "exif" not in picture.info and "Raw profile type exif" not in picture.info:
        return 1
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # the parser of EXIF raises whatever it stumbles over
        return 1


def _other_size(found: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return f"{found[0]} x {found[1]} pixels where the first has {wanted[0]} x {wanted[1]}"


def reason(error: BaseException) -> str:
    """Describe in a few words why a picture was left out."""
    return str(error) if isinstance(error, UnreadableError) else f"damaged ({quoted(str(error), 40)})"
