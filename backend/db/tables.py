"""Tables of the database. Migrations create them (migrations/versions); a test compares both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcDateTime(TypeDecorator[datetime]):
    """Datetime with time zone in Python, UTC in the database; SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn any zone into UTC; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value.isoformat()} has no zone; give datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        # PostgreSQL gives the zone of its session, SQLite none.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base class of all tables; a naming convention fixes constraint names for migrations."""

    __shared__: ClassVar[bool] = False
    """Whether everybody may read all rows; otherwise students read their own (`backend.db.guard`)."""
    __private__: ClassVar[bool] = False
    """Whether students and viewers read no row at all."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Run(Base):
    """A run: its configuration, its status, and its last and best measurements."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "created_at"),
        Index(None, "status", "created_at"),
        Index(None, "owner", "claimed_at"),
        Index(None, "sweep_id"),
        Index(None, "group_key"),
        Index(None, "deleted_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(100), default="teacher", server_default="teacher")
    """Whose turn it takes in the queue."""
    sweep_id: Mapped[str | None] = mapped_column(ForeignKey("sweeps.id"), default=None)
    parent_id: Mapped[str | None] = mapped_column(String(32), default=None)
    """The run that this one was cloned from; it may be gone."""
    group_key: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Hash of the configuration without the seed: runs that differ only in their seed share it."""
    tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    notes: Mapped[str] = mapped_column(Text, default="", server_default="")
    archived: Mapped[bool] = mapped_column(default=False, server_default=false())
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """In the trash since then; None: not in the trash."""
    status: Mapped[str] = mapped_column(String(16))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    dataset_name: Mapped[str] = mapped_column(String(200))
    """What people called the data set when the run was asked for; the configuration holds its id."""
    sample_shape: Mapped[list[int]] = mapped_column(JSON)
    attempt: Mapped[int] = mapped_column(default=0)
    """How often a worker was given this run. Messages of earlier attempts are ignored."""
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """When a worker was last given this run: owners who were served longest ago come first."""
    requested: Mapped[str | None] = mapped_column(String(16), default=None)
    """What somebody asked of a running run and it has not followed yet: "pause" or "stop"."""
    lost_workers: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the worker died that trained this run."""
    rewinds: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was set back to iteration 0: what was measured before belongs to another curve."""
    held_for: Mapped[str | None] = mapped_column(String(16), default=None)
    """Why the server itself paused the run, which goes on by itself once that is mended; None: nobody did, or a
    person."""
    iteration: Mapped[int] = mapped_column(BigInteger, default=0)
    iterations: Mapped[int] = mapped_column(BigInteger)
    iterations_per_second: Mapped[float | None] = mapped_column(default=None)
    forward_passes: Mapped[int] = mapped_column(BigInteger, default=0)
    training_seconds: Mapped[float] = mapped_column(default=0.0)
    train_accuracy: Mapped[float | None] = mapped_column(default=None)
    validation_accuracy: Mapped[float | None] = mapped_column(default=None)
    best_validation_accuracy: Mapped[float | None] = mapped_column(default=None)
    best_iteration: Mapped[int | None] = mapped_column(BigInteger, default=None)
    sparkline: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """Validation accuracy in a few points, ``[[iteration, accuracy], ...]`` (`backend.wire.sparkline`)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    error: Mapped[str | None] = mapped_column(Text, default=None)
    dataset_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    policies: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    """JSON of each policy that its configuration names and that doesn't ship, by its name: the run keeps the tables."""
    policy_uses: Mapped[list[PolicyUse]] = relationship(lazy="raise", passive_deletes=True)
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)


class MetricChunk(Base):
    """Consecutive measured points of a run, packed by `backend.wire.columns`."""

    __tablename__ = "metric_chunks"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    first_iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_iteration: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class MetricLevel(Base):
    """A coarser copy of a full chunk (`backend.wire.levels`), so that long curves are read quickly."""

    __tablename__ = "metric_levels"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[str] = mapped_column(String(8), primary_key=True)
    first_iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Of the chunk."""
    data: Mapped[bytes] = mapped_column(LargeBinary)


class RunEvent(Base):
    """An entry of a run's journal (backend.runs.journal)."""

    __tablename__ = "run_events"
    __table_args__ = (Index(None, "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(16))
    iteration: Mapped[int] = mapped_column(BigInteger)
    """Where the run stood."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Snapshot(Base):
    """A stored snapshot of a run's weights, with its path among the artifacts."""

    __tablename__ = "snapshots"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(400))
    """Relative to the artifacts' place."""
    bytes: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """None: it was stored before sizes were, and the next start looks (backend.training.housekeeping)."""


class Checkpoint(Base):
    """A checkpoint of a run, with its path among the artifacts. The last two are kept."""

    __tablename__ = "checkpoints"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    iteration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(400))
    """Relative to the artifacts' place."""
    bytes: Mapped[int] = mapped_column(BigInteger)


class Sweep(Base):
    """A group of runs created and controlled together."""

    __tablename__ = "sweeps"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was asked for: ``{"config", "grid"}`` or ``{"configs"}``."""


class StoredDataset(Base):
    """Metadata of a stored data set; its samples are among the artifacts."""

    __tablename__ = "datasets"
    __shared__ = True  # data are for all to train on
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The first digits of the content hash, so that a configuration means the same data on any server that has it."""
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    samples: Mapped[int] = mapped_column(BigInteger)
    sample_shape: Mapped[list[int]] = mapped_column(JSON)
    classes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """``{"name", "samples"}`` each, in the order of the labels; the names may differ from those in the file."""
    files: Mapped[list[str]] = mapped_column(JSON)
    scaling: Mapped[str] = mapped_column(Text)
    remarks: Mapped[list[str]] = mapped_column(JSON)
    bytes: Mapped[int] = mapped_column(BigInteger)
    """Of the stored file."""
    owner: Mapped[str] = mapped_column(String(100), default="teacher", server_default="teacher")
    """Who brought it first, and may rename and delete it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StoredPolicy(Base):
    """A policy of the library: one table that any run may use, with its lineage."""

    __tablename__ = "policies"
    __shared__ = True  # policies are for all to use
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    """Name under which a configuration asks for it."""
    name_key: Mapped[str] = mapped_column(String(200), unique=True)
    """The name without regard to case and width: no two policies may look alike in a list."""
    owner: Mapped[str] = mapped_column(String(100))
    origin: Mapped[str] = mapped_column(String(16))
    """How it came about (`backend.policy_library.schemas.Origin`)."""
    document: Mapped[str] = mapped_column(Text, deferred=True)
    """The policy as JSON (`synrl_core.policies.files`), table and lineage; it never changes. It is read when it is
    used: lists take what they show from the columns that follow, which say the same."""
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    history: Mapped[int] = mapped_column(default=2, server_default="2")
    temperature: Mapped[float] = mapped_column(default=0.0, server_default="0")
    exploration: Mapped[float] = mapped_column(default=0.0, server_default="0")
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what decides the actions: table, temperature and exploration."""
    parent: Mapped[str | None] = mapped_column(String(200), default=None)
    """Id of the policy that it was made from, or the name of one that ships; it may be gone."""
    run_id: Mapped[str | None] = mapped_column(String(32), default=None)
    """The run that it was learned in; it may be gone."""
    notes: Mapped[str] = mapped_column(Text, default="", server_default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    archived: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PolicyUse(Base):
    """A run that uses a policy of the library."""

    __tablename__ = "policy_uses"
    __table_args__ = (Index(None, "policy_id"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.id"), primary_key=True)


class RacePlace(Base):
    """Place of a policy in a race, kept when the race has ended, whatever becomes of its runs."""

    __tablename__ = "race_places"
    __table_args__ = (Index(None, "policy_id"), Index(None, "finished_at"))

    race_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Also of its sweep, which is forgotten with its last run."""
    policy: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Name of the policy as the race was started."""
    policy_id: Mapped[str] = mapped_column(String(200))
    """Id of the policy in the library, or the name of one that ships."""
    owner: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    """Of the race."""
    tasks: Mapped[list[str]] = mapped_column(JSON)
    policies: Mapped[int]
    """How many raced."""
    state: Mapped[str] = mapped_column(String(16))
    """running, complete or stopped."""
    place: Mapped[int | None] = mapped_column(default=None)
    """From 1 on; without one as long as there is no ranking. So are the numbers that follow."""
    mean: Mapped[float | None] = mapped_column(default=None)
    low: Mapped[float | None] = mapped_column(default=None)
    high: Mapped[float | None] = mapped_column(default=None)
    behind: Mapped[float | None] = mapped_column(default=None)
    distinguishable: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """When the results were kept; None: the race has not ended."""


class Breeding(Base):
    """A breeding of policies: what was asked for, where it stands, and what came out."""

    __tablename__ = "breedings"
    __shared__ = True  # what is bred is for all to use
    __table_args__ = (Index(None, "status", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    forward_passes: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the steps that are recorded."""
    total_passes: Mapped[int] = mapped_column(BigInteger)
    """Estimate, or the budget."""
    curve: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    """``[of what, generation, score]`` of each generation so far."""
    lines: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Lines that it has reported so far."""
    policy_ids: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """The winner and the other finalists in the library, the best first; some may be deleted."""
    error: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class BreedingStep(Base):
    """Result of one measured step of a breeding, with which it goes on where it was."""

    __tablename__ = "breeding_steps"

    breeding_id: Mapped[str] = mapped_column(ForeignKey("breedings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    """Its arrays (`backend.wire.arrays`)."""


class PersonRow(Base):
    """A person who joined with a join link. The teacher has no row."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100), unique=True)
    """The name without regard to case and width: no two people may look alike in a list."""
    role: Mapped[str] = mapped_column(String(16))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the personal code, with which a person signs in on another computer."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """If set, the person can't sign in any more. The row stays, so that nobody takes the name and with it the runs."""


class JoinLink(Base):
    """A join link: the code with which a class joins."""

    __tablename__ = "join_links"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Readable, since the teacher shows it again: it admits to a role with few rights, while the link is open."""
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignIn(Base):
    """A sign-in session of a browser."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "expires_at"), Index(None, "person_id"))

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what the cookie holds: who reads the database can't sign in with it."""
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), default=None)
    """None: the teacher."""
    credential: Mapped[str] = mapped_column(String(64), default="")
    """Of the teacher: tells which password it was; with another one these sign-ins end."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """An API token with which a program acts for a person."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), default=None)
    """None: the teacher."""
    role: Mapped[str] = mapped_column(String(16))
    """No more than the person's own: a token can be read-only."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
