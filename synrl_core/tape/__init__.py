"""Scenes and tapes: train a small network reproducibly, record every move, and replay it to the bit.

>>> from synrl_core.tape import Recorder, Scene, play
>>> scene = Scene(dataset="circles", seed=7)
>>> chunk = Recorder(scene).record(3)
>>> [moment.iteration for moment in play(scene, [chunk])]
[0, 1, 2, 3]
"""

from synrl_core.tape.changes import ITERATIONS, Change, Table
from synrl_core.tape.chunk import Chunk, TapeError, split_chunks
from synrl_core.tape.details import details, no_gradient
from synrl_core.tape.directed import DirectedScene, DirectedStep
from synrl_core.tape.form import form
from synrl_core.tape.header import header, tape_id
from synrl_core.tape.points import Points, points
from synrl_core.tape.presets import PRESETS, Preset
from synrl_core.tape.recorder import CHUNK, EVALUATE_EVERY, Recorder
from synrl_core.tape.replay import Moment, play
from synrl_core.tape.scene import DRAWN, Scene

__all__ = [
    "CHUNK",
    "DRAWN",
    "EVALUATE_EVERY",
    "ITERATIONS",
    "PRESETS",
    "Change",
    "Chunk",
    "DirectedScene",
    "DirectedStep",
    "Moment",
    "Points",
    "Preset",
    "Recorder",
    "Scene",
    "Table",
    "TapeError",
    "details",
    "form",
    "header",
    "no_gradient",
    "play",
    "points",
    "split_chunks",
    "tape_id",
]
