"""`synrl playground export` writes a scene with its tape as one page, and says in a line what an address has wrong."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from synrl_core.tape import CHUNK, Chunk, Recorder, Scene, details, play, split_chunks

SCENE = {"dataset": "moons", "hidden_layers": (2,), "samples": 40}
ADDRESS = "http://127.0.0.1:8000/playground?data=moons&hidden=2&n=40"


def export(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["playground", "export", *arguments])


def stored(path: Path) -> dict[str, Any]:
    found = re.search(r"<script type=\"application/json\" data-scene>(.*?)</script>", path.read_text())
    assert found is not None
    written: dict[str, Any] = json.loads(found[1])
    return written


def chunks(parts: dict[str, str]) -> list[Chunk]:
    return list(split_chunks(b"".join(base64.b64decode(part) for part in parts.values())))


def test_the_file_holds_the_tapes_that_the_engine_records(tmp_path: Path) -> None:
    file = tmp_path / "scene.html"
    result = export(f"{ADDRESS}&vs=method_gradient&changes=30_step_0.1&at=300", "-o", str(file), "--iterations", "10")
    assert result.exit_code == 0, result.output
    assert "iterations 0 to 512" in result.output
    written = stored(file)
    assert written["search"].endswith("&at=300")
    scene = Scene(**SCENE, changes=[{"iteration": 30, "setting": "step_size", "value": 0.1}])
    for tape, wanted in zip(written["tapes"], (scene, scene.model_copy(update={"method": "gradient"})), strict=True):
        moments = list(play(wanted, chunks(tape["chunks"])))
        assert moments[-1].iteration == tape["header"]["iterations"] == 2 * CHUNK
        assert Scene(**tape["header"]["differences"]).hash == Scene(**wanted.differences()).hash
    recorder = Recorder(scene)
    recorder.record()
    again = details(scene, recorder.state_bytes())
    np.testing.assert_array_equal(chunks(written["tapes"][0]["details"])[1].arrays["draws"], again.arrays["draws"])


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "scene.html"
    file.write_text("mine")
    assert "--force" in export("n=20", "-o", str(file)).output
    assert file.read_text() == "mine"
    result = export("n=20&hidden=2", "-o", str(file), "--force", "--no-details", "--iterations", "10")
    assert result.exit_code == 0, result.output
    assert stored(file)["tapes"][0]["details"] == {}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("data=nonsense", "data: should be 'gaussians'"),
        ("n=5000", "n: should be at most 1000 (given: 5000)"),
        ("adaptive=yes", "adaptive=yes can't be read"),
        ("nothing", "'nothing' is no word of an address"),
        ("at=-1", "at=-1 is no iteration"),
        ("vs=seed_5", "vs=seed_5 names seed"),
        ("policy=table_0_0_1_x", "is no table"),
        ("policy=win_stay_lose_shift", "Error: exploration is 0"),
        ("changes=99999_step_0.1", "changes[0].iteration: should be below 20000"),
    ],
)
def test_what_an_address_has_wrong_is_named_by_its_word(tmp_path: Path, address: str, words: str) -> None:
    result = export(address, "-o", str(tmp_path / "scene.html"))
    assert result.exit_code == 1
    assert words in result.output
    assert not any(tmp_path.iterdir())
