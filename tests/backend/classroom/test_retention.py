"""Names of seats go some hours after a session was closed; answers stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from backend.classroom import queries, retention
from backend.db.class_tables import ClassActivity, ClassAnswer, ClassHand, ClassSeat, ClassSession
from backend.db.store import Store
from backend.training.housekeeping import Housekeeping
from backend.wire.artifacts import Artifacts

NOW = datetime.now(UTC)


def stored(store: Store, session_id: str, closed_at: datetime | None) -> None:
    with store.write() as session:
        queries.add(session, ClassSession(id=session_id, code=None if closed_at else "ABC234", owner="teacher",
                                          created_at=NOW, closed_at=closed_at))  # fmt: skip
        for number, name in enumerate(("Ada", "Bob"), 1):
            queries.add(session, ClassSeat(id=f"{session_id}{number}", session_id=session_id, number=number, name=name,
                                           name_key=name, key_hash=f"{session_id}{number}",
                                           position={"address": "/x"}, joined_at=NOW))  # fmt: skip
        queries.add(session, ClassActivity(id=f"a{session_id}", session_id=session_id, number=1, kind="free", title="",
                                           settings={}, state={"phase": "open"}, created_at=NOW))  # fmt: skip
        queries.add(session, ClassAnswer(activity_id=f"a{session_id}", slot="x", seat_id=f"{session_id}1", value=1,
                                         at=NOW))  # fmt: skip
        queries.add(session, ClassHand(id=f"h{session_id}", session_id=session_id, seat_id=f"{session_id}1",
                                       text="Ada here", raised_at=NOW))  # fmt: skip


def names(store: Store, session_id: str) -> list[str]:
    with store.read() as session:
        return [seat.name for seat in queries.seats(session, session_id)]


def test_names_go_a_day_after_closing_and_answers_stay(store: Store, tmp_path: object) -> None:
    stored(store, "old", NOW - timedelta(hours=25))
    stored(store, "new", NOW - timedelta(hours=23))
    stored(store, "open", None)
    Housekeeping(store, Artifacts(f"file://{tmp_path}"), timedelta(0)).remove_class_names()
    assert names(store, "old") == ["seat 1", "seat 2"]
    assert names(store, "new") == names(store, "open") == ["Ada", "Bob"]
    with store.read() as session:
        assert len(queries.answers(session, "aold")) == 1
        seats, hands = queries.seats(session, "old"), session.scalars(select(ClassHand)).all()
        assert all(seat.key_hash is None and seat.position == {} for seat in seats)
        assert {hand.id: hand.text for hand in hands} == {"hold": "", "hnew": "Ada here", "hopen": "Ada here"}
        assert not retention.has_names_to_remove(session, 24)
