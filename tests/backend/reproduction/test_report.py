"""Reports: one HTML file that loads nothing, CSV of every trial, a LaTeX table, and the curves as SVG."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from backend.reproduction import report_files, words
from backend.reproduction.figure import Curve, draw
from backend.reproduction.schemas import ArmRead
from tests.server import wait_for

PATH = "/api/v1/reproductions"
#: A name as somebody could write it to break a page, a sheet or a document.
NAME = "<script>alert(1)</script> & 50 % of_it"


@pytest.fixture(scope="module")
def reproduction(client: TestClient) -> str:
    """A reproduction that is done: all arms of 784-10, two trials of two iterations."""
    body = {"parts": ["784-10"], "trials": 2, "most_iterations": 2, "table": "learned", "name": NAME}
    made: str = client.post(PATH, json=body).json()["id"]
    wait_for(lambda: client.get(f"{PATH}/{made}").json()["state"], lambda state: state == "complete", 90)
    return made


def report(client: TestClient, reproduction: str, format_: str) -> str:
    answer = client.get(f"{PATH}/{reproduction}/report", params={"format": format_})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith(f'.{format_}"')
    return answer.text


class _Loads(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in ("script", "link", "img", "iframe") else []
        self.found += [name for name, _ in attrs if name in ("src", "href") or name.startswith("on")]


def test_the_page_loads_nothing_and_tells_how_to_repeat_it(client: TestClient, reproduction: str) -> None:
    page = report(client, reproduction, "html")
    loads = _Loads()
    loads.feed(page)
    assert loads.found == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 50 % of_it" in page
    assert "synrl reproduce --scale quick --trials 2 --data glyphs --table learned" in page
    run = client.get(f"/api/v1/runs/{_rows(client, reproduction)[0]['run']}").json()
    for fact in (run["dataset_hash"], run["provenance"]["numpy"], run["provenance"]["host"], "not notMNIST"):
        assert fact in page
    assert "url(" not in page
    assert page.count("<svg") == 1


def _rows(client: TestClient, reproduction: str) -> list[dict[str, str]]:
    table = list(csv.reader(io.StringIO(report(client, reproduction, "csv")), strict=True))
    return [dict(zip(table[0], cells, strict=True)) for cells in table[1:]]


def test_the_csv_has_each_trial_once_with_its_seeds_and_numbers(client: TestClient, reproduction: str) -> None:
    rows = _rows(client, reproduction)
    found = client.get(f"{PATH}/{reproduction}").json()
    assert len({(row["arm"], row["trial"]) for row in rows}) == len(rows) == 10
    assert {(row["trial"], row["split_seed"], row["seed"]) for row in rows} == {("1", "0", "0"), ("2", "1", "1")}
    assert {row["baseline"] for row in rows} - {""} <= {row["key"] for row in rows}
    told = {arm["title"]: arm["values"] for arm in found["arms"]}
    for row in rows:
        assert float(row["validation_accuracy"]) == told[row["arm"]][row["split_seed"]]
        run = client.get(f"/api/v1/runs/{row['run']}").json()
        assert row["data_hash"] == run["dataset_hash"]
        assert {name: row[name] for name in run["provenance"]} == run["provenance"]


def _tables(written: str) -> list[list[list[str]]]:
    """Read the rows of LaTeX's tables: their cells, whatever is escaped left as it is."""
    plain = "\n".join(line for line in written.splitlines() if not line.startswith("%"))
    tables = re.findall(r"\\begin\{tabular\}(.*?)\\end\{tabular\}", plain, re.DOTALL)
    return [
        [re.split(r"(?<!\\)&", line[:-2]) for line in table.splitlines() if line.endswith(r"\\")] for table in tables
    ]


def test_the_latex_tables_have_a_line_for_each_arm_and_claim(client: TestClient, reproduction: str) -> None:
    written = report(client, reproduction, "tex")
    arms, claims = _tables(written)
    assert (len(arms), len(claims)) == (1 + 5, 1 + 3)
    assert {len(cells) for cells in arms} == {5}
    assert {len(cells) for cells in claims} == {3}
    lines = written.splitlines()
    assert lines[0] == f"% {NAME}: 2 trials, each with a split of its own"
    run = client.get(f"/api/v1/runs/{_rows(client, reproduction)[0]['run']}").json()
    comments = "\n".join(line for line in lines if line.startswith("%"))
    for fact in (run["dataset_hash"], run["provenance"]["numpy"], run["provenance"]["host"], "split seed t - 1"):
        assert fact in comments
    assert all(line.count("$") % 2 == 0 and line.count("{") == line.count("}") for line in lines)


def test_the_other_networks_have_a_latex_table_of_their_own(client: TestClient) -> None:
    body = {"parts": ["784-10", "tasks", "shapes"], "trials": 1, "most_iterations": 1, "table": "learned"}
    made = client.post(PATH, json=body | {"name": "a\n\\input{b}"}).json()["id"]
    client.post(f"/api/v1/sweeps/{made}/stop")
    written = report(client, made, "tex")
    letters, others, claims = _tables(written)
    assert (len(letters), len(others), len(claims)) == (1 + 5, 1 + 22, 1 + 5)
    assert written.startswith("% a \\input{b}: 1 trials")
    assert [cells[0].strip() for cells in others if cells[0].strip()] == ["Network", "shapes", "tasks"]


def test_markdown_has_a_line_for_each_arm_and_each_verdict(client: TestClient, reproduction: str) -> None:
    written = report(client, reproduction, "md")
    found = client.get(f"{PATH}/{reproduction}").json()
    for one in [*found["arms"], *found["verdicts"]]:
        assert f"| {one['title']} |" in written
    assert "&lt;script\\>alert(1)&lt;/script\\> &amp; 50 % of\\_it, 2 trials." in written
    assert "- Command: synrl reproduce --scale quick" in written
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in written.splitlines() if line.startswith("|")} == {5, 8}


def test_a_trial_that_failed_says_why() -> None:
    words_ = 'the loss is <inf> & 50 % | "so"'
    arm = ArmRead.model_validate(
        {
            "key": "tasks moons", "part": "tasks", "title": "moons", "paper": None, "iterations": 10, "step_size": 0.1,
            "trials": 3, "samples": 0, "failed": 1, "mean": None, "deviation": None, "low": None, "high": None,
            "baseline": None, "difference": None, "seconds": None, "forward_passes": None, "values": {},
            "failures": {1: words_}, "run_ids": {1: "a"},
        }
    )  # fmt: skip
    assert words.failures(arm) == [f"Trial 2 failed: {words_}"]


def test_latex_sets_every_special_letter_as_it_is() -> None:
    assert report_files.escaped("50 % & a_b {c} #1 $ ~ ^ \\ ± <d> |") == (
        r"50 \% \& a\_b \{c\} \#1 \$ \textasciitilde{} \textasciicircum{} \textbackslash{} $\pm$ $<$d$>$ $|$"
    )


def test_figures_are_well_formed_and_have_a_curve_for_each_arm(client: TestClient, reproduction: str) -> None:
    figures = client.get(f"{PATH}/{reproduction}/figures").json()
    assert [one["part"] for one in figures] == ["784-10"]
    drawing = ElementTree.fromstring(figures[0]["svg"])  # noqa: S314 (our own)
    names = [one.get("class", "") for one in drawing.iter()]
    assert sum(name.startswith("figure-line") for name in names) == 2 * 5  # each once more in the legend
    assert sum(name.startswith("figure-band") for name in names) == 5


def test_a_curve_is_drawn_where_its_numbers_are() -> None:
    svg = draw("t", [Curve("a", [0, 1, 10, 100], [0.1, 0.0, 0.5, 1.0], None)], paper=0.5)
    drawing = ElementTree.fromstring(svg)  # noqa: S314 (our own)
    line = next(one for one in drawing.iter() if one.tag.endswith("polyline"))
    points = [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]
    assert len(points) == 3  # a logarithmic axis has no 0
    (left, low), (middle, half), (right, high) = points
    assert middle - left == pytest.approx(right - middle)
    assert low - half == pytest.approx(half - high)
    paper = next(one for one in drawing.iter() if one.get("class") == "figure-paper")
    assert float(paper.get("y1", "nan")) == pytest.approx(half)


def test_words_in_a_figure_are_escaped() -> None:
    assert "<b>" not in draw("<b>", [Curve("<b>", [1.0, 2.0], [0.1, None], [0.1, None])])
