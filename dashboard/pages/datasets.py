"""Page of data sets: built-in ones, stored ones, uploads."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from backend.datasets.schemas import DatasetPreview
from backend.kit.errors import NotFoundError
from backend.kit.identity import current_person
from backend.kit.late import LateModule
from dashboard import ids, theme
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.services import services_of
from dashboard.words import count, shape_words
from synrl_core.datasets import DatasetError

if TYPE_CHECKING:
    from backend.datasets import previews
    from backend.datasets import service as datasets
    from backend.datasets.schemas import DatasetRead
    from backend.wire.artifacts import Artifacts
else:
    previews = LateModule("backend.datasets.previews")
    datasets = LateModule("backend.datasets.service")


#: What is shown of a data set: a strip for each of the first classes, or some rows and columns.
_STRIPS, _ROWS, _COLUMNS = 10, 5, 6
_GROUPS = {
    "pictures": ("Pictures", "What a sample looks like is what the network sees."),
    "boundaries": ("Boundaries", "Points of two classes in the plane: small enough to see what is learned."),
    "tables": ("Tables", "Rows of measurements, each column brought to mean 0 and deviation 1."),
}


def register(app: Dash) -> None:
    """Register the page; its script (web/data/page.js) handles its actions."""

    def layout(**_: Any) -> Component:
        services = services_of(app)
        with services.store.read() as session:
            listed = datasets.listing(session)
        seen = [(one, _preview(services.artifacts, one)) for one in listed]
        return datasets_page(seen, services.settings.max_upload_bytes)

    dash.register_page("datasets", path="/datasets", title="Data – SynRL", layout=layout, nav="Data", order=4)
    call_when_mounted(app, "mountDatasets", ids.DATASETS_MOUNTED)


def _preview(artifacts: Artifacts, dataset: DatasetRead) -> DatasetPreview:
    """Preview a data set; a lost or damaged file must not break the page."""
    try:
        return previews.read_preview(artifacts, dataset)
    except (NotFoundError, DatasetError) as error:
        return DatasetPreview(
            samples=dataset.samples,
            sample_shape=dataset.sample_shape,
            classes=dataset.classes,
            scaling="",
            remarks=[str(error)],
            feature_names=[],
            rows=[],
            points=None,
        )


def datasets_page(listed: list[tuple[DatasetRead, DatasetPreview]], max_bytes: int) -> Component:
    """Lay out the page: the upload, the stored data sets, and the built-in ones by group."""
    own = [one for one in listed if not one[0].built_in]
    sections = [_section("Yours", "Data brought to this server, newest first.", own)] if own else []
    for group, (title, words) in _GROUPS.items():
        members = [one for one in listed if one[0].built_in and one[0].group == group]
        sections.append(_section(title, words, members, f"datasets-{group}"))
    return html.Div(
        [
            html.Div(id=ids.DATASETS_MOUNTED, hidden=True),
            html.Div([html.H1("Data")], className="page-head"),
            _bring(),
            *sections,
        ],
        id=ids.DATASETS_PAGE,
        className="page",
        **attributes(data_max_bytes=str(max_bytes)),
    )


def _bring() -> Component:
    return html.Section(
        [
            html.H2("Bring your own"),
            html.P(
                "An NPZ with images and labels, a CSV with a column of classes, a zip with a folder of PNGs or JPEGs "
                "for each class, or the two files of an IDX pair (as MNIST). You see what is in it, and how it was "
                "read, before it is kept.",
                className="caption",
            ),
            # Filled by the script alone: what stands in it comes from the files, as text.
            html.Div(id=ids.UPLOAD_PANEL, className="upload"),
        ],
        className="bring",
    )


def _section(
    title: str, words: str, members: list[tuple[DatasetRead, DatasetPreview]], class_name: str = ""
) -> Component:
    return html.Section(
        [
            html.H2(title),
            html.P(words, className="caption"),
            html.Div([_card(*member) for member in members], className=f"datasets {class_name}".strip()),
        ],
        className="dataset-group",
    )


def _card(dataset: DatasetRead, preview: DatasetPreview) -> Component:
    return html.Article(
        [
            html.H3(dataset.name, className="dataset-name"),
            html.P(_size(dataset), className="now"),
            _samples(dataset, preview),
            html.P(dataset.description, className="dataset-words"),
            *([html.P(f"Brought by {dataset.owner}.", className="caption for-class")] if dataset.owner else []),
            *[html.P(remark, className="caption") for remark in (preview.remarks or dataset.remarks)[:3]],
            _details(dataset),
            html.P(className="refusal", role="alert"),
            html.Div(
                [
                    html.Button("Train on this", type="button", className="button train"),
                    *([_button("Rename", "rename"), _button("Delete", "delete")] if _may_change(dataset) else []),
                ],
                className="dataset-actions",
            ),
        ],
        id=f"dataset-{dataset.id}",
        className="dataset",
        **attributes(
            data_dataset=dataset.id,
            data_name=dataset.name,
            data_pictures="true" if len(dataset.sample_shape) == 2 else "false",
            data_inputs=str(preview.sample_shape[0]) if len(preview.sample_shape) == 1 else "",
        ),
    )


def _may_change(dataset: DatasetRead) -> bool:
    return dataset.owner is not None and current_person().may_change(dataset.owner)


def _button(word: str, what: str) -> Component:
    return html.Button(word, type="button", className=f"button-plain {what}")


def _size(dataset: DatasetRead) -> str:
    seen = shape_words(dataset.sample_shape)
    return f"{count(dataset.samples)} samples · {seen} · {count(len(dataset.classes))} classes"


def _samples(dataset: DatasetRead, preview: DatasetPreview) -> Component:
    if preview.points:
        return html.Img(
            src=scatter(preview.points), alt=f"Points of {dataset.name}, by class", className="dataset-points"
        )
    if preview.rows:
        return _table(preview)
    return html.Div(
        [
            html.Div(
                [
                    html.Span(one.name, className="strip-class", title=one.name),
                    html.Img(src=one.picture, alt=f"Samples of class {one.name}", className="strip"),
                ],
                className="strip-row",
            )
            for one in preview.classes[:_STRIPS]
            if one.picture
        ],
        className="strips",
    )


def _table(preview: DatasetPreview) -> Component:
    names = preview.feature_names[:_COLUMNS]
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th("class"), *(html.Th(name) for name in names)])),
                html.Tbody(
                    [
                        html.Tr(
                            [html.Th(row.class_name), *(html.Td(f"{value:.6g}") for value in row.values[:_COLUMNS])]
                        )
                        for row in preview.rows[:_ROWS]
                    ]
                ),
            ]
        ),
        className="dataset-table",
        tabIndex=0,
        role="region",
        **attributes(aria_label="Some rows"),
    )


def _details(dataset: DatasetRead) -> Component:
    facts = {"Source": dataset.source, "Licence": dataset.licence, "Scaling": dataset.scaling, "Id": dataset.id}
    return html.Details(
        [
            html.Summary("Classes, licence and source"),
            html.Ul([html.Li(f"{one.name}: {count(one.samples)}") for one in dataset.classes], className="counts"),
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items() if value]),
        ]
    )


def scatter(points: list[tuple[float, float, int]]) -> str:
    """Draw points as an SVG in a data URL, first class blue, second orange: mid tones that light and dark can show."""
    low = min(min(x, y) for x, y, _ in points)
    high = max(max(x, y) for x, y, _ in points)
    scale = 92 / ((high - low) or 1)
    light = theme.PALETTES["light"]
    colours = (light.focus, light.up, light.run, light.muted)
    dots = "".join(
        f'<circle cx="{4 + (x - low) * scale:.1f}" cy="{96 - (y - low) * scale:.1f}" r="1.1" '
        f'fill="{colours[label % len(colours)]}"/>'
        for x, y, label in points
    )
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{dots}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
