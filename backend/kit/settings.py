"""Settings from the environment: SYNRL_* variables, one class."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.kit import secrets
from synrl_core.text_input import read_text, text_reader


def _available_cores() -> int:
    """Cores this process may use: in a container that is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_HIGHEST_PORT = 65535
#: Shortest secret that is taken.
_LEAST_SECRET = 32
#: A list as people write it in an environment variable: separated by commas.
CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Settings of one server. Each field is the environment variable SYNRL_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="SYNRL_", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8050, description="Port to listen on; 0: any free one.")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("synrl", appauthor=False),
        description="Folder of the database, its copies, and the weights of all runs.",
    )
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the database. Default: synrl.db, SQLite, in the data folder."
    )
    artifacts_url: str | None = Field(
        default=None, description="fsspec URL of the weights' place. Default: the folder artifacts in the data folder."
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        default_factory=_available_cores, description="Worker processes: as many runs train at once."
    )
    threads_per_worker: Annotated[int, Field(ge=1, le=256)] = Field(
        default=1, description="BLAS threads of a worker. One, so that workers do not fight over cores."
    )
    scheduler: str | None = Field(
        default=None,
        description="URL of a scheduler whose workers train, like tcp://host:8786. Default: processes of this machine.",
    )
    tls_ca_file: Path | None = Field(
        default=None, description="Certificate of who vouches for scheduler, workers and server of a cluster."
    )
    tls_cert_file: Path | None = Field(default=None, description="This machine's certificate in the cluster.")
    tls_key_file: Path | None = Field(default=None, description="The key of that certificate.")
    max_running_per_owner: Annotated[int, Field(ge=1, le=256)] | None = Field(
        default=None,
        description="Runs of one owner that train at once. Default: as many as there are workers, or with a scheduler "
        "any number.",
    )
    turn_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        default=60, description="How long a run trains before it makes room for a waiting run of another owner."
    )
    checkpoint_seconds: Annotated[float, Field(ge=0.1, le=3600)] = Field(
        default=5, description="Seconds of work between two checkpoints: what a killed worker loses at most."
    )
    max_sweep_runs: Annotated[int, Field(ge=1, le=10_000)] = Field(default=500, description="Runs of one sweep.")
    trash_minutes: Annotated[float, Field(ge=0, le=525_600)] = Field(
        default=30, description="How long a deleted run can be restored."
    )
    max_upload_bytes: Annotated[int, Field(ge=1)] = Field(
        default=2**30, description="Largest upload of data; more is refused while it comes in."
    )
    backlog_bytes: Annotated[int, Field(ge=0)] = Field(
        default=2**30,
        description="Room on the disk for what is measured while the database can't be written; beyond it, runs wait.",
    )
    playground_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default_factory=lambda: max(1, _available_cores() // 2),
        description="Processes that train the playground's small networks, started when somebody plays.",
    )
    playground_bytes: Annotated[int, Field(ge=2**20)] = Field(
        default=2**27, description="Memory for what was trained in the playground; what is older is trained again."
    )
    class_names_hours: Annotated[float, Field(ge=0, le=8784)] = Field(
        default=24, description="Hours after a class session is closed for which the names of its seats are kept."
    )
    class_session_hours: Annotated[float, Field(ge=0.1, le=8784)] = Field(
        default=12, description="A class session that nobody closed is closed after so many hours."
    )
    log_level: str = Field(
        default="warning",
        pattern="^(debug|info|warning|error|critical)$",
        json_schema_extra={"allowed": "one of debug, info, warning, error, critical"},
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Lines for people, or with json an object a line, with the id of the run."
    )

    # -- authentication: who may sign in, and from where
    sign_in: Literal["auto", "always"] = Field(
        default="auto", description="auto: nobody signs in where only this computer can reach the server."
    )
    teacher_password: SecretStr | None = Field(
        default=None,
        description="The teacher's password, or its hash as `synrl password` makes it. Without one, each start prints "
        "an address with a token.",
    )
    teacher_password_file: Path | None = Field(default=None, description="File that holds the teacher's password.")
    secret: SecretStr | None = Field(
        default=None, description="Signs cookies, at least 32 letters. Default: the file secret.key in the data folder."
    )
    session_days: Annotated[float, Field(gt=0, le=365)] = Field(
        default=7, description="Somebody who was away this long signs in again."
    )
    allowed_hosts: CommaSeparated = Field(
        default=(), description="Names this server is called by, besides localhost, the machine's own and IP addresses."
    )
    trusted_proxies: CommaSeparated = Field(
        default=(), description="Addresses or networks of proxies whose X-Forwarded-For and -Proto are believed."
    )
    root_path: str = Field(
        default="",
        pattern=r"^(/[\w.~-]+)*$",
        description="Path under which a proxy shows this server, like /synrl.",
        json_schema_extra={"allowed": "a path that begins with / and does not end with one, for example /synrl"},
    )
    students_see_all: bool = Field(default=False, description="Students may look at all runs, not only their own.")
    sign_in_attempts: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=30,
        description="Wrong passwords from one address in ten minutes, and ten times as many in all, after which each "
        "waits for its turn, one a second.",
    )

    # -- limits; the student_* limits bind students and viewers, the teacher has none
    requests_per_minute: Annotated[int, Field(ge=10)] = Field(
        default=1200,
        description="Requests of one person, or of one address that has not signed in. None where nobody signs in.",
    )
    playground_scenes_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=120, description="New scenes that one person may start in the playground in a minute."
    )
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=4 * 2**20, description="Largest body of a request that uploads no data."
    )
    max_run_bytes: Annotated[int, Field(ge=2**20)] | None = Field(
        default=None, description="Largest memory that a run may be estimated to need. Default: the machine's."
    )
    max_people: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=200, description="People who have joined; more are turned away until some are removed."
    )
    student_parameters: Annotated[int, Field(ge=1)] = Field(default=1_000_000, description="Weights and biases.")
    student_iterations: Annotated[int, Field(ge=1)] = Field(default=1_000_000, description="Iterations of a run.")
    student_replicates: Annotated[int, Field(ge=1)] = Field(default=20, description="Replicates of a run.")
    student_runs: Annotated[int, Field(ge=0)] = Field(default=200, description="Stored runs of one student.")
    student_bytes: Annotated[int, Field(ge=0)] = Field(
        default=2**30, description="Stored curves, weights and data of one student, in bytes."
    )
    student_name_length: Annotated[int, Field(ge=1, le=200)] = Field(
        default=100, description="Letters in the name of a student's run or data set."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _read_numbers(cls, value: object, info: ValidationInfo) -> object:
        reader = text_reader(cls.model_fields[str(info.field_name)].annotation)
        return read_text(reader, value) if reader is not None and isinstance(value, str) else value

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ipaddress.ip_network(one, strict=False)
            except ValueError as error:
                raise ValueError(
                    f"has {one!r}, which should be an address or a network, for example 10.0.0.5 or 10.0.0.0/8"
                ) from error
        return value

    @field_validator("teacher_password")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return None if value is None else SecretStr(_usable_password(value.get_secret_value()))

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _LEAST_SECRET:
            raise ValueError(f"should have at least {_LEAST_SECRET} letters; make one with `openssl rand -hex 32`")
        return value

    @field_validator("scheduler")
    @classmethod
    def _is_scheduler(cls, value: str | None) -> str | None:
        return None if value is None else scheduler_address(value)

    @model_validator(mode="after")
    def _check_cluster(self) -> Self:
        tls = (self.tls_ca_file, self.tls_cert_file, self.tls_key_file)
        if any(tls) and not all(tls):
            raise ValueError("set all of SYNRL_TLS_CA_FILE, SYNRL_TLS_CERT_FILE and SYNRL_TLS_KEY_FILE, or none")
        if self.scheduler is not None and not self.fits_certificates(self.scheduler):
            raise ValueError("SYNRL_SCHEDULER is tls://... where certificates are set (SYNRL_TLS_...), else tcp://...")
        return self

    def fits_certificates(self, scheduler: str) -> bool:
        """Tell whether the address of a scheduler is tls://... where certificates are set, and else tcp://..."""
        return scheduler.startswith("tls:") == (self.tls_ca_file is not None)

    @model_validator(mode="after")
    def _read_password_file(self) -> Self:
        if self.teacher_password_file is None:
            return self
        if self.teacher_password is not None:
            raise ValueError("set SYNRL_TEACHER_PASSWORD or SYNRL_TEACHER_PASSWORD_FILE, not both")
        try:
            text = self.teacher_password_file.read_text("utf-8").strip()
        except OSError as error:
            raise ValueError(f"SYNRL_TEACHER_PASSWORD_FILE can't be read: {error.strerror}") from error
        object.__setattr__(self, "teacher_password", SecretStr(_usable_password(text)))
        return self

    @property
    def requires_sign_in(self) -> bool:
        """Whether people must say who they are: not where only this computer can reach the server."""
        reached_from_elsewhere = not is_loopback(self.host) or bool(self.trusted_proxies) or bool(self.root_path)
        return self.sign_in == "always" or reached_from_elsewhere or self.teacher_password is not None

    @property
    def runs_per_owner(self) -> int:
        """How many runs of one owner may train at once."""
        # How many workers a scheduler has is not known here, and changes.
        return self.max_running_per_owner or (self.workers if self.scheduler is None else sys.maxsize)

    @property
    def resolved_database_url(self) -> str:
        """URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'synrl.db'}"

    @property
    def resolved_artifacts_url(self) -> str:
        """URL of the place of the weights in use."""
        return self.artifacts_url or (self.data_dir / "artifacts").absolute().as_uri()


def scheduler_address(text: str) -> str:
    """Return the address of a scheduler.

    Raises
    ------
    ValueError
        Unless it is tcp://host:port or tls://host:port with a port that exists.
    """
    found = re.fullmatch(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.]+\]|[^/\s:\[\]]+):(\d{1,5})", text)
    if found is None or not 1 <= int(found[1]) <= _HIGHEST_PORT:
        raise ValueError(
            "should be the address of a scheduler, tcp://HOST:PORT or tls://HOST:PORT with a port from 1 to "
            f"{_HIGHEST_PORT}, for example tcp://10.0.0.5:8786"
        )
    return text


def is_loopback(host: str) -> bool:
    """Whether nobody but this computer can reach a server that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"  # any other name may lead anywhere


def _usable_password(text: str) -> str:
    if secrets.is_password_hash(text):
        secrets.check_password_hash(text)
    elif len(text) < secrets.LEAST_PASSWORD:
        raise ValueError(f"should have at least {secrets.LEAST_PASSWORD} letters")
    return text
