"""Seating: joining by code, seats, answers, raised hands, and where students are."""

from __future__ import annotations

import secrets as random
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from backend.classroom import codes, naming, queries
from backend.classroom import room as rooms
from backend.classroom.join_limits import JoinLimits
from backend.classroom.open_rooms import OpenRooms
from backend.classroom.room import Hand, Room
from backend.classroom.roster import Seat
from backend.classroom.schemas import (
    Acknowledged,
    AnswerCreate,
    PositionUpdate,
    SessionPreview,
    StudentView,
    TeacherView,
)
from backend.db.class_tables import ClassHand, ClassSeat
from backend.kit import secrets
from backend.kit.errors import ConflictError, NotFoundError, UnauthorizedError
from backend.kit.text import name_key, one_line

#: Seats of one session, simulated ones included.
MOST_SEATS = 200
_NO_CODE = "This code is not open, or not any more. Ask your teacher for the current one."
_NO_SEAT = "This browser has no seat in a class session that is open. Join with the code that your teacher shows."


class Seating:
    """Seats of the rooms, as students use them and the teacher orders them."""

    def __init__(self, rooms: OpenRooms) -> None:
        self._rooms = rooms
        self.limits = JoinLimits()

    def preview(self, code: str, cookie: str | None, address: str) -> SessionPreview:
        """Describe the session of a code.

        Raises
        ------
        NotFoundError
            When no session has this code now.
        TooManyError
            After too many wrong codes.
        """
        room = self._by_code(code, cookie, address)
        found = self._rooms.identify(cookie)
        seated = found is not None and found[0] is room
        name = found[1].name if found is not None and seated else naming.given_name(len(room.seats) + 1)
        return SessionPreview(
            code=str(room.facts.code), title=room.facts.title, seated=seated, name=name,
            names_kept_hours=self._rooms.names_hours,
        )  # fmt: skip

    def _by_code(self, code: str, cookie: str | None, address: str) -> Room:
        browser = self._rooms.cookies.browser(cookie)
        self.limits.check(browser, address)
        room = self._rooms.by_code(codes.tidy(code))
        if room is None:
            self.limits.failed(browser, address)
            raise NotFoundError(_NO_CODE)
        return room

    async def join(self, code: str, name: str, cookie: str | None, address: str) -> tuple[StudentView, str | None]:
        """Give a seat, or the one that this browser has already.

        Returns
        -------
        The view of the seat, and its key for the cookie; None: the cookie holds it.

        Raises
        ------
        NotFoundError
            When no session has this code now.
        ConflictError
            When joining is closed, or all seats are taken.
        TooManyError
            After too many wrong codes.
        """
        room = self._by_code(code, cookie, address)
        async with room.lock:
            found = self._rooms.identify(cookie)
            if found is not None and found[0] is room:
                return self._rooms.student_view(*found), None
            if not room.facts.joining_open:
                raise ConflictError("This class takes no new students now. Ask your teacher to let new students join.")
            key = random.token_urlsafe(24)
            (seat,) = await self._seat_down(room, [name], key)
        seat.heard_at = seat.acted_at = datetime.now(UTC)
        return self._rooms.student_view(room, seat), key

    async def _seat_down(self, room: Room, names: list[str], key: str | None = None) -> list[Seat]:
        """Commit new seats; simulated ones where there is no key. The room's lock is held."""
        if len(room.sitting()) + len(names) > MOST_SEATS:
            raise ConflictError(f"All {MOST_SEATS} seats of this class are taken.")
        taken = {name_key(seat.name) for seat in room.seats.values()}
        number, rows = max((seat.number for seat in room.seats.values()), default=0), []
        for typed in names:
            number += 1
            name = naming.seat_name(typed, number, taken)
            taken.add(name_key(name))
            rows.append(
                ClassSeat(
                    id=random.token_hex(6), session_id=room.facts.id, number=number, name=name,
                    name_key=name_key(name), key_hash=None if key is None else secrets.digest(key),
                    simulated=key is None, position={}, joined_at=datetime.now(UTC), left_at=None,
                )
            )  # fmt: skip

        def add(session: Session) -> list[Seat]:
            for row in rows:
                queries.add(session, row)
            return [rooms.seat(row) for row in rows]

        made = await self._rooms.keeper.write(add)
        room.seats |= {seat.id: seat for seat in made}
        room.changed.set()
        return made

    def seat_of(self, cookie: str | None, *, polls: bool = False) -> tuple[Room, Seat]:
        """Return the seat of a request, and note that its page is there.

        Raises
        ------
        UnauthorizedError
            When the request has none.
        """
        found = self._rooms.identify(cookie)
        if found is None:
            raise UnauthorizedError(_NO_SEAT)
        room, seat = found
        was_there = seat.online(datetime.now(UTC))
        seat.heard_at = datetime.now(UTC)
        seat.polls = seat.polls or polls
        if not was_there:
            room.changed.set()
        return found

    async def answer(self, room: Room, seat: Seat, body: AnswerCreate) -> Acknowledged:
        """Store an answer; see `Keeper.answer`."""
        seat.acted_at = datetime.now(UTC)
        at = await self._rooms.keeper.answer(room, body.activity_id, body.slot, seat, body.value)
        return Acknowledged(activity_id=body.activity_id, slot=body.slot, value=body.value, at=at)

    async def move(self, seat: Seat, body: PositionUpdate) -> None:
        """Note where a student is, in place of where they were."""
        position = body.model_dump(exclude_none=True)
        seat.acted_at = datetime.now(UTC)
        if position == seat.position:
            return
        await self._rooms.keeper.write(
            lambda session: queries.change(session, ClassSeat, seat.id, {"position": position})
        )
        seat.position = position

    async def raise_hand(self, room: Room, seat: Seat, text: str) -> StudentView:
        """Raise a hand, or change its line."""
        line = one_line(text, 200)
        seat.acted_at = datetime.now(UTC)
        async with room.lock:
            up = room.hand_of(seat)
            hand = Hand(random.token_hex(6) if up is None else up.id, seat.id, line, datetime.now(UTC))

            def store(session: Session) -> None:
                if up is not None:
                    queries.change(session, ClassHand, up.id, {"text": line})
                    return
                row = ClassHand(
                    id=hand.id, session_id=room.facts.id, seat_id=seat.id, text=line, raised_at=hand.raised_at
                )
                queries.add(session, row)

            await self._rooms.keeper.write(store)
            room.hands[hand.id] = hand
        room.changed.set()
        return self._rooms.student_view(room, seat)

    async def lower_hand(self, room: Room, hand_id: str | None) -> None:
        """Lower a hand; nothing happens when it is down."""
        if hand_id is None or hand_id not in room.hands:
            return
        now = datetime.now(UTC)
        await self._rooms.keeper.write(
            lambda session: queries.change(session, ClassHand, hand_id, {"lowered_at": now})
        )  # fmt: skip
        room.hands.pop(hand_id, None)
        room.changed.set()

    async def rename(self, session_id: str, seat_id: str, name: str) -> TeacherView:
        """Give a seat another name."""
        room = self._rooms.get(session_id)
        async with room.lock:
            seat = room.seat(seat_id)
            taken = {name_key(one.name) for one in room.seats.values() if one is not seat}
            new = naming.seat_name(name, seat.number, taken)
            values = {"name": new, "name_key": name_key(new)}
            await self._rooms.keeper.write(lambda session: queries.change(session, ClassSeat, seat.id, values))
            seat.name = new
        room.changed.set()
        return self._rooms.teacher_view(room)

    async def leave(self, room: Room, seat: Seat) -> None:
        """Give a seat up. Answers stay."""
        async with room.lock:
            await self._stand_up(room, [seat])

    async def send_out(self, session_id: str, seat_id: str) -> TeacherView:
        """Remove a seat."""
        room = self._rooms.get(session_id)
        await self.leave(room, room.seat(seat_id))
        return self._rooms.teacher_view(room)

    async def _stand_up(self, room: Room, leaving: list[Seat]) -> None:
        now, values = datetime.now(UTC), {"key_hash": None}

        def store(session: Session) -> None:
            for seat in leaving:
                queries.change(session, ClassSeat, seat.id, values | {"left_at": now})
                for hand in room.hands.values():
                    if hand.seat_id == seat.id:
                        queries.change(session, ClassHand, hand.id, {"lowered_at": now})

        await self._rooms.keeper.write(store)
        for seat in leaving:
            seat.left_at, seat.key_hash = now, None
            room.hands = {key: hand for key, hand in room.hands.items() if hand.seat_id != seat.id}
        room.changed.set()

    async def simulate(self, session_id: str, students: int) -> TeacherView:
        """Have this many simulated students."""
        room = self._rooms.get(session_id)
        async with room.lock:
            there = [seat for seat in room.sitting() if seat.simulated]
            if students > len(there):
                await self._seat_down(room, ["Simulated"] * (students - len(there)))
            elif students < len(there):
                await self._stand_up(room, there[students:])
        return self._rooms.teacher_view(room)
