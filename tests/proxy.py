"""Proxy before a server, as stands in schools and firms: it passes WebSockets, or in one of several ways does not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

_CHUNK = 65536
_REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#: Closing answers with a reset, as a server that is away does.
_RESET = struct.pack("ii", 1, 0)


class Manner(StrEnum):
    """What a proxy does with a request that asks for a WebSocket, and whether it answers at all."""

    PASSES = "passes"
    REFUSES = "refuses"
    """It answers 403."""
    DROPS = "drops"
    """It takes the headers out that ask for a WebSocket, as a proxy does that was told nothing about them."""
    HOLDS = "holds"
    """It takes the request and never answers."""
    AWAY = "away"
    """It resets every connection, asked for a WebSocket or not."""


class Proxy:
    """Proxy of one server. `manner` can be changed while it runs; what is open already goes on.

    Parameters
    ----------
    port
        Of the server, on 127.0.0.1.
    manner
        Of the beginning.
    """

    def __init__(self, port: int, manner: Manner) -> None:
        self._port = port
        self.manner = manner
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.append(client)
        with suppress(OSError):
            head = _head(client)
            asks = b"\r\nupgrade: websocket" in head.lower()
            if self.manner == Manner.AWAY or not head:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
            elif asks and self.manner == Manner.REFUSES:
                client.sendall(_REFUSAL)
                client.close()
            elif not (asks and self.manner == Manner.HOLDS):
                self._pass_on(client, head, asks=asks and self.manner == Manner.PASSES)

    def _pass_on(self, client: socket.socket, head: bytes, *, asks: bool) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            self._open.append(server)
            server.sendall(head if asks else _plain(head))
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            _pump(server, client)

    def cut(self) -> None:
        """Cut every connection that is open."""
        cut, self._open = self._open, []
        for one in cut:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Listen no more, and cut what is open."""
        self._listening.close()
        self.cut()


def _head(client: socket.socket) -> bytes:
    """Return what came up to the end of the headers, and of the body what came with it."""
    found = b""
    while b"\r\n\r\n" not in found:
        more = client.recv(_CHUNK)
        if not more:
            return b""
        found += more
    return found


def _plain(head: bytes) -> bytes:
    """Return a request whose connection ends with its answer, so that each connection brings one request."""
    headers, _, body = head.partition(b"\r\n\r\n")
    kept = [one for one in headers.split(b"\r\n") if one.partition(b":")[0].lower() not in (b"connection", b"upgrade")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Bring bytes from one to the other until either ends."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def before(port: int, manner: Manner) -> Iterator[Proxy]:
    """Run a proxy for the length of a block."""
    started = Proxy(port, manner)
    try:
        yield started
    finally:
        started.close()
