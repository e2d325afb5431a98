"""Logs to the standard error: lines for people, or with SYNRL_LOG_FORMAT=json one object a line for machines."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

_run: ContextVar[tuple[str, int | None] | None] = ContextVar("synrl_run", default=None)

#: Libraries that would say of every event what nobody needs to know.
_QUIET = ("distributed", "tornado", "asyncio")


@contextmanager
def run_context(run_id: str, attempt: int | None = None) -> Iterator[None]:
    """Add the id of the run to all log records of the block and of the tasks it starts."""
    token = _run.set((run_id, attempt))
    try:
        yield
    finally:
        _run.reset(token)


class _WithRun(logging.Filter):
    """Adds the run's id and attempt to each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        run_id, attempt = _run.get() or (None, None)
        record.run_id = getattr(record, "run_id", run_id)
        record.attempt = getattr(record, "attempt", attempt)
        return True


class _Quiet(logging.Filter):
    """Filters out informational records of libraries. Levels would not do: Dask sets its own when imported later."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _QUIET


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line: time, level, logger, message, and run_id, attempt, exception if present."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run_id": getattr(record, "run_id", None),
            "attempt": getattr(record, "attempt", None),
            "exception": "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in entry.items() if value is not None}, default=str)


def configure(level: str, log_format: Literal["text", "json"]) -> None:
    """Set up the process's logging."""
    handler = logging.StreamHandler()
    handler.addFilter(_WithRun())
    handler.addFilter(_Quiet())
    handler.setFormatter(
        JsonFormatter() if log_format == "json" else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
