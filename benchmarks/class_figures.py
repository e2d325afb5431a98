"""Figures of the load test of a class session: how far the board is behind, what was lost, and the table of all."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any

from benchmarks import operations
from benchmarks.class_members import Measured, View

_VOTE_PHASES = ("first", "first_closed", "talk", "second", "second_closed", "distribution", "revealed")


def behind(found: Measured) -> list[float]:
    """Return for each answer the seconds from its acknowledgement until the board counted it."""
    late = []
    for (activity, slot), times in found.acknowledged.items():
        views = [(at, counted(view, slot)) for at, view in found.board if view["id"] == activity]
        for number, acknowledged in enumerate(sorted(times), 1):
            seen = next((at for at, count in views if count >= number), None)
            if seen is not None:
                late.append(max(0.0, seen - acknowledged))
    return late


def counted(view: View, slot: str) -> float:
    """Return how many answers of a slot the board has counted; infinity once its round or vote is over."""
    if view["kind"] == "synapse":
        over = view["phase"] != "open" or view["round"] > int(slot)
        return inf if over and view["round"] >= int(slot) else view["chosen"] if view["round"] == int(slot) else 0
    if view["kind"] == "vote":
        return inf if _VOTE_PHASES.index(view["phase"]) > _VOTE_PHASES.index(slot) else view["answered"]
    return inf


def miscounted(stored: dict[str, Any], students: int) -> list[str]:
    """Return the slots of a session's export in which a student's answer is missing, doubled or another's."""
    wrong = []
    for activity in stored["activities"]:
        slots = Counter(one["slot"] for one in activity["answers"])
        once = Counter((one["slot"], one["seat"]) for one in activity["answers"])
        wrong += [f"{activity['kind']} {slot}: {many}" for slot, many in slots.items() if many != students]
        wrong += [f"{activity['kind']} {slot} {seat}: {many}" for (slot, seat), many in once.items() if many != 1]
    pooled = next(one for one in stored["activities"] if one["kind"] == "pooled")
    return wrong + ([] if len(pooled["results"]) == students else [f"{len(pooled['results'])} results"])


def rows(parts: dict[str, Any], found: Measured, students: int, browsers: int) -> list[dict[str, Any]]:
    """Return the figures, with what is aimed at."""
    row, late = operations.row, sorted(behind(found))
    kills = [part for name, part in parts.items() if name.startswith("kill")]
    result = parts["result"]
    lost = sum(one["acknowledged_before"] - one["there_after"] for one in kills)
    lost += len(result["refused"]) + len(result["wrong"])
    shares = {name: part["share_of_cores"] for name, part in parts.items() if "share_of_cores" in part}
    synapse = parts["synapse"]
    most = max(shares, key=lambda name: shares[name])
    figures = [
        row(f"{students} students join at once, {browsers} in browsers, s until the board counts all",
            parts["join"]["seconds"], None),
        row("an answer of a round is acknowledged, 95th percentile, ms: clients", synapse["client_ms_p95"], 250),
        row("the same, median, ms", synapse["client_ms"], None),
    ]  # fmt: skip
    if browsers:
        figures.append(row("the same in browsers, from the press, 95th percentile, ms", synapse["browser_ms_p95"], 250))
    return [
        *figures,
        row("half the class starts a run in one moment, 95th percentile, ms", parts["pooled"]["client_ms_p95"], 250),
        row("half the class votes in one moment, 95th percentile, ms", parts["vote"]["client_ms_p95"], 250),
        row("the board is behind an answer, s at most", late[-1], 2),
        row("the same, median, s", late[len(late) // 2], None),
        row("the class's table trained beside two others, s", parts["table"]["seconds"], None),
        row("a pooled run of each student on the board, a kill among it, s", parts["pooled"]["seconds"], 90),
        row("web process and playground, share of all cores in the rounds", synapse["share_of_cores"], 0.7),
        row(f"the same in the part with the most: {most}", shares[most], 0.7),
        row("all processes, browsers and the run in training too, share in the rounds", synapse["machine"], None),
        row("everybody back at the same step, s from the server's return, the longer of two",
            max(one["back_after_ready_seconds"] for one in kills), 5),
        row("the same from kill -9, with the server's own start",
            max(one["back_after_kill_seconds"] for one in kills), 5),
        row("thousand iterations of the run in training beside it", result["run_iterations"] / 1000, None),
        row("answers lost, doubled or refused", lost, 0),
        row("errors on the students' pages", len(result["errors"]), 0),
    ]  # fmt: skip
