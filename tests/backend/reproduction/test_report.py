"""Reports: one HTML file that loads nothing, CSV of every trial, a LaTeX table, and the curves as SVG."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from backend.reproduction import report_files
from backend.reproduction.figure import Curve, draw
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
    return list(csv.DictReader(io.StringIO(report(client, reproduction, "csv"))))


def test_the_csv_has_each_trial_once_with_its_seeds_and_numbers(client: TestClient, reproduction: str) -> None:
    rows = _rows(client, reproduction)
    found = client.get(f"{PATH}/{reproduction}").json()
    assert len({(row["arm"], row["trial"]) for row in rows}) == len(rows) == 10
    assert {(row["trial"], row["split_seed"], row["seed"]) for row in rows} == {("1", "0", "0"), ("2", "1", "1")}
    told = {arm["title"]: arm["values"] for arm in found["arms"]}
    for row in rows:
        assert float(row["validation_accuracy"]) == told[row["arm"]][row["split_seed"]]


def test_the_latex_table_has_a_line_for_each_arm_and_no_open_word(client: TestClient, reproduction: str) -> None:
    table = report(client, reproduction, "tex")
    lines = [line for line in table.splitlines() if line.endswith(r"\\")]
    assert len(lines) == 1 + 5
    assert all(len(re.findall(r"(?<!\\)&", line)) == 4 for line in lines)
    assert table.count(r"\begin{tabular}") == table.count(r"\end{tabular}") == 1
    assert NAME in table.splitlines()[0]
    assert table.startswith("%")


def test_markdown_has_a_line_for_each_arm_and_each_verdict(client: TestClient, reproduction: str) -> None:
    written = report(client, reproduction, "md")
    found = client.get(f"{PATH}/{reproduction}").json()
    for one in [*found["arms"], *found["verdicts"]]:
        assert f"| {one['title']} |" in written


def test_latex_sets_every_special_letter_as_it_is() -> None:
    assert report_files.escaped("50 % & a_b {c} #1 $ ~ ^ \\ ±") == (
        r"50 \% \& a\_b \{c\} \#1 \$ \textasciitilde{} \textasciicircum{} \textbackslash{} $\pm$"
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
