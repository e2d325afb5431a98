"""Schemas of data sets and uploads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.kit.fields import Body


class DatasetClass(BaseModel):
    """A class of a data set."""

    name: str
    samples: int
    picture: str | None = Field(
        default=None, description="First samples side by side, a PNG as a data URL; in previews of pictures only."
    )


class DatasetRow(BaseModel):
    """A sample of a table, unscaled."""

    class_name: str
    values: list[float]


class DatasetPreview(BaseModel):
    """Preview of a data set: size, classes and some samples."""

    samples: int
    sample_shape: list[int] = Field(
        description="[height, width] of pictures, [steps, height, width] of sequences, else [inputs]."
    )
    classes: list[DatasetClass] = Field(description="In the order of the labels; the first 20 with pictures.")
    scaling: str = Field(description="What is done to the values before they train.")
    remarks: list[str] = Field(description="What the reader decided or left out.")
    feature_names: list[str] = Field(description="Names of the inputs that `rows` shows, at most 64.")
    rows: list[DatasetRow] = Field(description="Some samples; empty for pictures.")
    points: list[tuple[float, float, int]] | None = Field(
        description="x, y, label of some samples, where a sample has two inputs."
    )


class DatasetRead(BaseModel):
    """A data set as the API and the pages show it."""

    id: str = Field(description="What a configuration names as its dataset.")
    name: str
    group: Literal["pictures", "boundaries", "sequences", "tables"]
    built_in: bool
    description: str
    licence: str | None
    source: str
    citation: str | None
    samples: int
    sample_shape: list[int] = Field(
        description="[height, width] of pictures, [steps, height, width] of sequences, else [inputs]."
    )
    classes: list[DatasetClass]
    scaling: str | None
    remarks: list[str]
    content_hash: str | None = Field(description="SHA-256 of the data; null for those that ship.")
    files: list[str]
    bytes: int | None
    owner: str | None = Field(description="Who brought it, and may rename and delete it; null for those that ship.")
    created_at: datetime | None


class DatasetDetail(DatasetRead):
    """A data set with some of its samples."""

    preview: DatasetPreview


class DatasetUpdate(Body):
    """Changes to a stored data set."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = Field(
        default=None, description="Longer than 200 characters is cut."
    )
    class_names: list[str] | None = Field(default=None, description="One a class, in the classes' order.")


class ReadingOption(BaseModel):
    """One allowed value of a reader choice."""

    value: str = Field(description="What to send in the choice's field.")
    title: str


class ReadingChoice(BaseModel):
    """A reader choice: the value in force, guessed or chosen, and the alternatives."""

    field: str = Field(description="Field of the form that changes it.")
    title: str
    value: str = Field(description="What is in force; empty where nothing in the file tells.")
    guessed: bool = Field(description="False where the request chose it.")
    options: list[ReadingOption]


class UploadPreview(BaseModel):
    """Preview of an upload that is not saved yet."""

    upload: str = Field(description="Names these files when they are saved or looked at again.")
    expires_at: datetime
    files: list[str]
    name: str = Field(description="Default name of the data set.")
    columns: list[str] = Field(description="Of a CSV, one of which holds the class; else empty.")
    label_column: str | None
    ignored_columns: list[str] = Field(description="Columns that are no input, as chosen.")
    choices: list[ReadingChoice] = Field(description="How the file is read. Send the upload again with another value.")
    preview: DatasetPreview | None = Field(description="Null while the file can't be read as it is chosen.")
    problem: str | None = Field(default=None, description="Why it can't; another choice may do.")
