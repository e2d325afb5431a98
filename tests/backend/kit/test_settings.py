from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.kit import secrets
from backend.kit.settings import Settings
from scripts.settings_page import PAGE, page


def test_the_page_of_the_settings_says_what_the_code_reads() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m scripts.settings_page"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "server.example", "myhost"])  # noqa: S104
def test_who_listens_to_the_network_asks_people_to_sign_in(host: str) -> None:
    assert Settings(host=host).requires_sign_in


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.5"])
def test_loopback_needs_no_sign_in_unless_required_or_behind_a_proxy(host: str) -> None:
    assert not Settings(host=host).requires_sign_in
    assert Settings(host=host, sign_in="always").requires_sign_in
    assert Settings(host=host, trusted_proxies=("127.0.0.1",)).requires_sign_in
    assert Settings(host=host, root_path="/synrl").requires_sign_in
    assert Settings(host=host, teacher_password="long enough").requires_sign_in  # noqa: S106


@pytest.mark.parametrize("password", ["short", "$argon2id$broken", ""])
def test_an_unusable_password_is_refused_and_not_repeated(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNRL_TEACHER_PASSWORD", password)
    with pytest.raises(ValidationError):
        Settings()


def test_a_password_is_read_from_a_file_and_may_be_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(secrets.hash_password("correct horse") + "\n")
    settings = Settings(teacher_password_file=file)
    assert settings.teacher_password is not None
    assert secrets.password_fits(settings.teacher_password.get_secret_value(), "correct horse")
    assert not secrets.password_fits(settings.teacher_password.get_secret_value(), "correct horsE")
    with pytest.raises(ValidationError):
        Settings(teacher_password_file=tmp_path / "absent")


def test_the_signing_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    key = secrets.signing_key(tmp_path, None)
    assert secrets.signing_key(tmp_path, None) == key
    assert (tmp_path / secrets.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert secrets.signing_key(tmp_path, "x" * 32) != key
    assert [path.name for path in tmp_path.iterdir()] == [secrets.KEY_FILE]


def test_lists_are_comma_separated_and_invalid_proxies_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SYNRL_ALLOWED_HOSTS", "a.example, b.example")
    monkeypatch.setenv("SYNRL_TRUSTED_PROXIES", "10.0.0.0/8,::1")
    assert Settings().allowed_hosts == ("a.example", "b.example")
    monkeypatch.setenv("SYNRL_TRUSTED_PROXIES", "everybody")
    with pytest.raises(ValidationError):
        Settings()
