"""Secrets: signing key of cookies, passwords, codes, tokens. Stored as hashes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

#: Letters of codes that people type: none that are mistaken for another.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: Shortest password that is taken.
LEAST_PASSWORD: Final = 8
KEY_FILE: Final = "secret.key"
TOKEN_PREFIX: Final = "synrl_"  # noqa: S105 (a prefix)
_hasher = argon2.PasswordHasher()


def signing_key(data_dir: Path, given: str | None) -> bytes:
    """Return the key that signs cookies: the setting's, or the data folder's, made at the first start.

    Raises
    ------
    OSError
        When the file can't be made or read.
    """
    if given is not None:
        return hashlib.sha256(given.encode()).digest()
    path = data_dir / KEY_FILE
    if not path.exists():
        _write_once(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_once(path: Path, data: bytes) -> None:
    """Write a file that only this user may read; of two concurrent writers one wins, and both use its file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def code(groups: int) -> str:
    """Return a random code that people can type, in groups of four: ``'K7TM-9XWP'``. 4.95 bits a letter."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(groups))


def tidy_code(typed: str) -> str:
    """Normalise a typed code: small letters, blanks, left-out dashes."""
    letters = "".join(letter for letter in typed.upper()[:100] if letter.isascii() and letter.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def token() -> str:
    """Return a random token: 256 bits, with a prefix by which scanners find leaked ones."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Hash a random secret for storing, 64 hex digits. A slow hash would gain nothing, as nobody can guess it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def hash_password(password: str) -> str:
    """Hash a password with argon2id, as the setting takes it."""
    return _hasher.hash(password)


def is_password_hash(text: str) -> bool:
    """Whether a setting holds a hash rather than a password."""
    return text.startswith("$argon2")


def check_password_hash(text: str) -> None:
    """Refuse a hash that can't be read.

    Raises
    ------
    ValueError
        When it is no argon2 hash.
    """
    try:
        argon2.extract_parameters(text)
    except InvalidHashError as error:
        raise ValueError("starts like an argon2 hash and is none; make one with `synrl password`") from error


def password_fits(hashed: str, password: str) -> bool:
    """Return whether a password matches a hash. It takes some 50 ms and 64 MiB, on purpose."""
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def fingerprint(password: str, key: bytes) -> str:
    """Return a fingerprint of a password hash: sessions opened under another password are no longer valid.

    As slow to guess from as the password's own hash.
    """
    raw = hash_secret_raw(password.encode(), key[:16], time_cost=3, memory_cost=65536, parallelism=4, hash_len=32,
                          type=Type.ID)  # fmt: skip
    return raw.hex()
