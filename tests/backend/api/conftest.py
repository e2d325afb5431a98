"""Fixtures of the attacks: a class with a teacher and a student."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.backend.people.members import Class, closed


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with closed(tmp_path_factory.mktemp("data"), max_upload_bytes=2**20) as opened:
        yield opened


@pytest.fixture(scope="module")
def student(school: Class) -> TestClient:
    return school.join("Student")
