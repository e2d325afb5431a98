"""Files such as users bring, made in memory."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

IDX_TYPES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array: NDArray[Any]) -> bytes:
    """Encode an array as IDX."""
    code = IDX_TYPES[array.dtype.str[1:]]
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def npz(**arrays: Any) -> bytes:
    """Save arrays as np.savez does."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack members into a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def png(pixels: NDArray[Any], mode: str | None = None) -> bytes:
    """Encode pixels as PNG, converted to a mode if one is named."""
    file = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(file, "PNG")
    return file.getvalue()


def jpeg(pixels: NDArray[Any], **options: Any) -> bytes:
    """Encode pixels as JPEG, with Pillow's options such as `exif`."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def pictures(samples: int = 12, side: int = 9, seed: int = 0) -> NDArray[np.uint8]:
    """Draw random pictures with black and white in them."""
    drawn = np.random.default_rng(seed).integers(0, 256, (samples, side, side), dtype=np.uint8)
    drawn[:, 0, 0], drawn[:, 0, 1] = 0, 255
    return drawn


def labels(samples: int = 12, classes: int = 3) -> NDArray[np.uint8]:
    """Number samples 0, 1, 2, 0, 1, 2 ..."""
    return (np.arange(samples) % classes).astype(np.uint8)


def opened(data: bytes, name: str = "data.bin") -> io.BytesIO:
    """Make an open file of bytes, with a name."""
    file = io.BytesIO(data)
    file.name = name
    return file


def gz(data: bytes) -> bytes:
    """Pack as gzip."""
    return gzip.compress(data, mtime=0)
