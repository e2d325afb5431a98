"""The playground's JavaScript replays and computes what the engine did: asked in node about random scenes."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from synrl_core.learning.factory import make_trainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.policies.files import from_json
from synrl_core.tape import CHUNK, EVALUATE_EVERY, Chunk, Recorder, Scene, form, header, play, points
from synrl_core.tape.address import SHARED, read_address
from tests.core.tape.scenes import scenes
from tests.examples import examples

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".venv" / "bin" / "node"
SLOW = settings(max_examples=examples(25), deadline=None)


class Modules:
    """The modules in a node process that answers questions."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, what: str, **question: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": what, **question}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def modules() -> Iterator[Modules]:
    if not NODE.exists():
        pytest.skip(f"no {NODE}: `make setup-dev` installs node")
    script = ROOT / "tests" / "web" / "playground" / "answer.js"
    with subprocess.Popen([NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Modules(process)
        assert process.stdin is not None
        process.stdin.close()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def replayed(modules: Modules, scene: Scene, chunks: list[Chunk], at: list[int], *, joined: bool) -> dict[str, Any]:
    texts = [chunk.to_bytes() for chunk in chunks]
    sent = [encoded(b"".join(texts))] if joined else [encoded(text) for text in reversed(texts)]
    return modules.ask("replay", header=header(scene), chunks=sent, at=at)


@SLOW
@given(scene=scenes(last=2 * CHUNK + 20), seed=st.integers(0, 99), joined=st.booleans())
def test_the_browser_replays_every_moment_to_the_bit(modules: Modules, scene: Scene, seed: int, joined: bool) -> None:
    """Over chunks, changes and corruptions; going back and forth; chunks in order and against it."""
    recorder = Recorder(scene)
    chunks = [recorder.record(length) for length in (CHUNK, CHUNK, 40) if not recorder.ended]
    moments = {moment.iteration: moment for moment in play(scene, chunks)}
    end = chunks[-1].stop
    rng = np.random.default_rng(seed)
    wanted = sorted({0, end, *[t for t in (255, 256, 257) if t <= end], *rng.integers(0, end + 1, 20).tolist()})
    at = [t for t in rng.permutation(wanted).tolist() if t in moments]
    answer = replayed(modules, scene, chunks, at, joined=joined)
    assert "error" not in answer, answer
    losses = np.concatenate([chunk.arrays["losses"] for chunk in chunks])
    told = np.concatenate([chunk.told for chunk in chunks])
    for found in answer["moments"]:
        moment = moments[found["iteration"]]
        assert found["weights"] == encoded(moment.weights.tobytes())
        assert found["loss"] == pytest.approx(moment.loss, rel=0, nan_ok=True)
        if scene.method == "synaptic":
            assert found["states"] == encoded(moment.states.tobytes())
            assert found["table"] == encoded(moment.table.tobytes())
            assert found["visits"] == encoded(moment.visits.astype(np.uint32).tobytes())
            assert found["rewardState"] == moment.reward_state
        if moment.iteration:
            assert found["deed"]["told"] == told[moment.iteration - 1]
            assert found["deed"]["loss"] == float(losses[moment.iteration - 1])
            fell = found["deed"]["loss"] < found["deed"]["lossBefore"]
            # Rewards are decided in float64: where float32 sees no difference, it may have been either.
            assert fell == found["deed"]["measured"] or found["deed"]["loss"] == found["deed"]["lossBefore"]
    assert (
        [row[0] for row in answer["evaluations"]] == list(range(0, end, EVALUATE_EVERY))
        or scene.changes
        or (chunks[-1].ended is not None)
    )


def test_a_tape_that_differs_in_one_bit_is_noticed(modules: Modules) -> None:
    scene = Scene(samples=40)
    recorder = Recorder(scene)
    chunks = [recorder.record(), recorder.record()]
    assert "error" not in replayed(modules, scene, chunks, [300], joined=True)
    moves = chunks[0].arrays["moves"].copy()
    moves[77, 2] ^= 1
    chunks[0].arrays["moves"] = moves
    assert "does not meet the key frame at iteration 256" in replayed(modules, scene, chunks, [], joined=True)["error"]


@SLOW
@given(scene=scenes(methods=("synaptic",)))
def test_the_browser_computes_the_engines_outputs_loss_and_accuracy(modules: Modules, scene: Scene) -> None:
    data = points(scene)
    trainer = make_trainer(scene.settled(0).config(), data.dataset, find_policy=scene.find_policy, parts=data.parts)
    assert isinstance(trainer, SynapticTrainer)
    features, labels = data.dataset.features[data.parts.train], data.dataset.labels[data.parts.train]
    answer = modules.ask(
        "forward",
        sizes=scene.sizes,
        activation=scene.activation,
        weights=encoded(trainer.flat_weights.astype(np.float32).tobytes()),
        points=features.tolist(),
        labels=labels.tolist(),
        loss=scene.loss,
        exponent=scene.loss_exponent,
    )
    logits = trainer.logits(features)[0].T
    if scene.activation in ("step", "sign") and not np.allclose(answer["logits"], logits, atol=1e-4):
        return  # a sum within rounding of the threshold
    np.testing.assert_allclose(answer["logits"], logits, rtol=1e-4, atol=1e-5)
    if not trainer._batches.redraws:
        assert answer["loss"] == pytest.approx(float(trainer.batch_loss()[0]), rel=1e-4, abs=1e-6)
    named = trainer.predict(features)[0]
    sure = np.abs(logits[-1] - (logits[0] if len(logits) > 1 else 0)) > 1e-4
    if sure.all():
        assert answer["accuracy"] == pytest.approx(float(np.mean(named == labels)))
    if scene.loss != "squared_error":
        np.testing.assert_allclose(answer["probabilities"], trainer.predict_proba(features)[0][:, 1], atol=1e-4)


@SLOW
@given(scene=scenes(methods=("synaptic",)))
def test_a_table_saved_by_the_page_is_a_policy_file(modules: Modules, scene: Scene) -> None:
    acting, table = header(scene)["policies"][0], scene.table_at(40)
    history = scene.policy_in_force().history
    policy = from_json(modules.ask("policy", table=table.tolist(), history=history, acting=acting)["file"])
    assert policy.q.ravel().tolist() == table.tolist()
    assert (policy.temperature, policy.exploration) == (acting["temperature"], acting["exploration"])
    assert policy.history == history


@SLOW
@given(scene=scenes())
def test_a_scene_survives_its_address(modules: Modules, scene: Scene) -> None:
    answer = modules.ask("address", scene=scene.differences(), form=form())
    assert answer["notes"] == []
    assert Scene(**answer["scene"]) == scene
    assert Scene(**answer["scene"]).hash == scene.hash
    assert read_address(answer["address"]).scene == scene, "the command line reads it alike"
    assert "%" not in answer["address"], "nothing in it needs an escape"


@SLOW
@given(scene=scenes(), own=scenes())
def test_a_second_network_is_the_same_to_page_and_program(modules: Modules, scene: Scene, own: Scene) -> None:
    different = {name: value for name, value in own.differences().items() if name not in SHARED}
    answer = modules.ask("side", scene=scene.differences(), own=different, form=form())
    try:
        second = Scene(**answer["scene"])
    except ValidationError:  # settings that do not go together: refused by both
        with pytest.raises(ValidationError):
            read_address(answer["address"])
        return
    assert answer["notes"] == []
    assert read_address(answer["address"]).second == (second if different else None)


def test_every_setting_of_a_scene_has_a_word_in_the_address(modules: Modules) -> None:
    elsewhere = {"parameters", "changes"}
    different: dict[str, Any] = {
        "dataset": "teacher", "samples": 100, "data_seed": 2, "added": [[0.5, -0.25, 1]], "removed": [3],
        "parameters": {"hidden": 4, "activation": "relu", "noise": 0.5}, "validation_fraction": 0.25,
        "hidden_layers": [8, 2], "activation": "relu", "loss": "l_p", "loss_exponent": 3, "initialisation": "normal",
        "initial_scale": 0.25, "method": "synaptic", "policy": "random", "step_size": 0.01, "bias_step_factor": 1,
        "exploration": 0.3, "adaptive": True, "learning_rate": 0.01, "discount": 0.25, "q_update": "sequential",
        "optimizer": "adam", "gradient_learning_rate": 0.5, "momentum": 0.5, "batch_size": 10, "batch_interval": 5,
        "seed": 1, "corruption": "coin", "truth": 0.5,
        "changes": [{"iteration": 412, "setting": "step_size", "value": 0.05}],
    }  # fmt: skip
    assert different.keys() == Scene.model_fields.keys()
    scene = Scene(**different)
    address = modules.ask("address", scene=scene.differences(), form=form())
    assert len(scene.differences().keys() | elsewhere) >= len(different) - 1  # the method is the default's
    assert Scene(**address["scene"]) == scene
    assert read_address(address["address"]).scene == scene
    assert "changes=412_step_0.05" in address["address"]
