"""Row-level security: the set of tables that everybody reads."""

from __future__ import annotations

from backend.db import guard
from backend.db.tables import Base
from backend.kit.identity import TEACHER


def test_these_tables_and_no_others_are_shared() -> None:
    # A new table belongs here only if a student may read every row of it; see docs/security.md.
    shared = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if mapper.class_.__shared__}
    assert shared == {"breedings", "datasets", "policies"}


def test_every_other_table_has_an_owner_or_hangs_on_a_run() -> None:
    for table in guard._closed():
        assert guard._owned(table, TEACHER) is not None, table.__tablename__


def test_these_tables_and_no_others_are_closed_to_all_but_the_teacher() -> None:
    closed = {mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__private__}
    assert closed == set(guard.PRIVATE)
    assert {one.__tablename__ for one in closed} == {
        "class_sessions", "class_seats", "class_activities", "class_answers", "class_hands"
    }  # fmt: skip
