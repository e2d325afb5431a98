"""Chunk of a tape, from one key frame to the next: as a value and as bytes.

Layout of the bytes, little-endian: ``SYNRTAPE``, uint32 total length, uint32 length of the JSON header, the header
padded with spaces, then the arrays it lists as [name, dtype, shape, offset], each at a multiple of 8 bytes from the
chunk's start. Chunks can be joined: `split_chunks` takes them apart by their lengths.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"SYNRTAPE"
VERSION = 1
_HEAD = struct.Struct("<8sII")
_ALIGNED = 8
#: Action codes packed into a byte, two bits each, the first lowest.
PER_BYTE = 4


class TapeError(ValueError):
    """The bytes are no tape, or the replay differs from a key frame."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Iterations `start` to `stop` of a tape.

    Attributes
    ----------
    start, stop
        Completed iterations at its key frame and at its end.
    random
        Digest of the states of the random generators at `start`, 16 hexadecimal digits.
    reward_state
        The last h reward codes at `start`, as told, as a number in base 3, the oldest highest.
    ended
        Why training ended at `stop` (the loss was not finite), or None.
    arrays
        Read-only, by name. n = stop - start iterations, S synapses in the engine's order, C cells of a table.
        Key frame: ``weights`` (S,) float32; ``loss`` (1,) float32 of the current batch; ``states`` (S,) uint8, the
        last h actions of each synapse, two bits an action, the oldest highest; ``visits`` (C,) uint32;
        ``last_reward`` (1,) uint8 reward code as measured; ``table`` (C,) float64 if the scene is adaptive anywhere.
        At the end, for the reader to check itself: ``weights_after`` (S,) float32.
        Each iteration: ``moves`` (n, ceil(S / 4)) uint8, two bits an action code; ``measured``, ``told``
        (ceil(n / 8),) uint8, a bit a reward, the first lowest; ``losses`` (n,) float32 after the action.
        Where the batch's loss was measured anew before the action (another batch, a weight set by hand):
        ``measured_anew`` (k,) uint32 iterations and ``losses_anew`` (k,) float32.
        Adaptive: ``cell_counts`` (n,) uint8 changed cells, ``cells`` their numbers action * 3^h + action history,
        uint8, under the reward history before the action, ``values`` float64.
        Evaluations at the multiples of `synrl_core.tape.EVALUATE_EVERY` from `start` to before `stop`:
        ``evaluations`` (m, 4) float32: training loss and accuracy, validation loss and accuracy.
        Gradient descent has no moves, states, visits and tables, but ``weights_every`` (m, S) float32 after each
        iteration that is a multiple of the header's ``every``.
    """

    start: int
    stop: int
    random: str
    reward_state: int
    ended: str | None
    arrays: dict[str, NDArray[Any]]
    every: int = 0
    """Gradient descent: iterations between two kept weights."""

    def __len__(self) -> int:
        return self.stop - self.start

    @cached_property
    def moves(self) -> NDArray[np.uint8]:
        """(n, S) action codes."""
        return unpack_codes(self.arrays["moves"], len(self.arrays["weights"]))

    @cached_property
    def measured(self) -> NDArray[np.bool_]:
        """(n,) whether the loss fell."""
        return unpack_bits(self.arrays["measured"], len(self))

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """(n,) whether the synapses were told that it fell."""
        return unpack_bits(self.arrays["told"], len(self))

    def to_bytes(self) -> bytes:
        """Write the chunk; equal chunks give equal bytes."""
        placed, end = [], 0
        for name, array in sorted(self.arrays.items()):
            placed.append([name, array.dtype.newbyteorder("<").str, list(array.shape), end])
            end += -(-array.nbytes // _ALIGNED) * _ALIGNED
        about = {
            "version": VERSION,
            "from": self.start,
            "to": self.stop,
            "random": self.random,
            "reward_state": self.reward_state,
            "ended": self.ended,
            "every": self.every,
            "arrays": placed,
        }
        text = json.dumps(about, sort_keys=True, separators=(",", ":")).encode()
        text += b" " * (-(_HEAD.size + len(text)) % _ALIGNED)
        total = _HEAD.size + len(text) + end
        parts = [_HEAD.pack(MAGIC, total, len(text)), text]
        for _, array in sorted(self.arrays.items()):
            data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
            parts += [data, bytes(-len(data) % _ALIGNED)]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Chunk:
        """Read the bytes of `to_bytes`.

        Raises
        ------
        TapeError
            When the bytes are none, or damaged.
        """
        try:
            magic, total, length = _HEAD.unpack_from(data)
            if magic != MAGIC or total != len(data):
                raise ValueError(f"begins with {bytes(magic)!r} and counts {total} bytes")
            about = json.loads(data[_HEAD.size : _HEAD.size + length])
            if about["version"] != VERSION:
                raise ValueError(f"version {about['version']}, this program reads {VERSION}")
            base = _HEAD.size + length
            arrays = {name: _array(data, base + at, kind, shape) for name, kind, shape, at in about["arrays"]}
            keys = ("from", "to", "random", "reward_state", "ended")
            start, stop, random, reward_state, ended = (about[key] for key in keys)
            return cls(start, stop, random, reward_state, ended, arrays, about["every"])
        except (KeyError, TypeError, ValueError, struct.error) as error:
            raise TapeError(f"these {len(data)} bytes are no chunk of a tape, or a damaged one: {error}") from error


def split_chunks(data: bytes) -> Iterator[Chunk]:
    """Read chunks that were joined.

    Raises
    ------
    TapeError
        When one is damaged.
    """
    at = 0
    while at < len(data):
        total = _HEAD.unpack_from(data, at)[1] if at + _HEAD.size <= len(data) else 0
        yield Chunk.from_bytes(data[at : at + total] if total else data[at:])
        at += total


def pack_codes(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack action codes (n, S) into (n, ceil(S / 4)) bytes."""
    rows, synapses = codes.shape
    padded = np.zeros((rows, -(-synapses // PER_BYTE) * PER_BYTE), np.uint8)
    padded[:, :synapses] = codes
    fours = padded.reshape(rows, -1, PER_BYTE)
    packed: NDArray[np.uint8] = fours[..., 0] | fours[..., 1] << 2 | fours[..., 2] << 4 | fours[..., 3] << 6
    return packed


def unpack_codes(packed: NDArray[np.uint8], synapses: int) -> NDArray[np.uint8]:
    """Invert `pack_codes`."""
    codes = packed[..., None] >> np.array([0, 2, 4, 6], np.uint8) & np.uint8(3)
    return codes.reshape(len(packed), -1)[:, :synapses]


def pack_bits(bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Pack truth values (n,) into (ceil(n / 8),) bytes."""
    return np.packbits(bits, bitorder="little")


def unpack_bits(packed: NDArray[np.uint8], count: int) -> NDArray[np.bool_]:
    """Invert `pack_bits`."""
    return np.unpackbits(packed, count=count, bitorder="little").astype(np.bool_)


def _array(data: bytes, at: int, kind: str, shape: list[int]) -> NDArray[Any]:
    dtype = np.dtype(kind)
    if dtype.hasobject or not 0 <= at <= len(data):
        raise ValueError(f"an array of type {kind} at byte {at}")
    return np.frombuffer(data, dtype, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)
