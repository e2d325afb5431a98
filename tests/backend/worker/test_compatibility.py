from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backend.kit.settings import Settings
from backend.training.remote import RemoteExecutor
from backend.wire.artifacts import Artifacts
from backend.worker import compatibility, stored_data


@pytest.fixture
def executor(tmp_path: Path) -> RemoteExecutor:
    return RemoteExecutor("tcp://nowhere:1", Artifacts(tmp_path.as_uri()), None, 1)


def test_a_worker_like_us_that_reads_what_we_wrote_is_accepted(executor: RemoteExecutor, tmp_path: Path) -> None:
    Artifacts(tmp_path.as_uri()).write("meetings/1", b"word")
    assert executor._incompatibility(compatibility.identify(tmp_path.as_uri(), "meetings/1"), "word") is None


@pytest.mark.parametrize("name", ["code", "synrl", "numpy", "python"])
def test_another_version_is_refused_with_both_named(executor: RemoteExecutor, name: str) -> None:
    theirs = compatibility.versions() | {name: "0.0.1"}
    why = executor._incompatibility((theirs, "word"), "word")
    assert why is not None
    assert f"{name} 0.0.1 there and {compatibility.versions()[name]} here" in why


def test_a_worker_that_sees_other_artifacts_is_refused_with_the_setting(
    executor: RemoteExecutor, tmp_path: Path
) -> None:
    answer = compatibility.identify((tmp_path / "elsewhere").as_uri(), "meetings/1")
    why = executor._incompatibility(answer, "word")
    assert why is not None
    assert "SYNRL_ARTIFACTS_URL" in why


@pytest.mark.parametrize("answer", [AttributeError("no such module"), None, "words"])
def test_a_worker_that_can_not_say_who_it_is_is_refused(executor: RemoteExecutor, answer: Any) -> None:
    assert executor._incompatibility(answer, "word")


def test_on_other_machines_even_files_that_seem_local_are_copied_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    artifacts = Artifacts(tmp_path.as_uri())
    assert stored_data._is_local(artifacts)
    monkeypatch.setenv(stored_data.CACHE_VARIABLE, str(tmp_path / "cache"))
    assert not stored_data._is_local(artifacts)
    stored_data.cache_folder.cache_clear()
    try:
        assert stored_data.cache_folder().parent == tmp_path / "cache"
    finally:
        stored_data.cache_folder.cache_clear()


def test_certificates_come_all_or_none_and_with_the_url_that_says_so(tmp_path: Path) -> None:
    file = tmp_path / "pem"
    tls: dict[str, Any] = {"tls_ca_file": file, "tls_cert_file": file, "tls_key_file": file}
    assert Settings(scheduler="tls://a:8786", **tls).scheduler
    with pytest.raises(ValidationError):
        Settings(tls_ca_file=file)
    with pytest.raises(ValidationError):
        Settings(scheduler="tls://a:8786")
    with pytest.raises(ValidationError):
        Settings(scheduler="tcp://a:8786", **tls)
