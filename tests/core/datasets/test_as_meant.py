"""Files of other programs are read with their intended values."""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from synrl_core.datasets import ChoiceError, Choices, DatasetError, DatasetInfo, RawDataset, split
from synrl_core.datasets.readers import npz, read, table
from synrl_core.datasets.readers.numbers import parse
from tests.core.datasets import files
from tests.examples import examples

INFO = DatasetInfo(name="mine", title="Mine", description="", licence="", source="")
ROWS = [(1.5, 2.0, "u"), (2.5, 3.0, "u"), (9.5, 8.0, "v"), (8.5, 9.0, "v")]


def read_text(text: str | bytes, **choices: Any) -> RawDataset:
    data = text if isinstance(text, bytes) else text.encode()
    return read(files.opened(data, "data.csv"), choices=Choices(**choices))


def assert_rows(raw: RawDataset) -> None:
    np.testing.assert_array_equal(raw.values, [row[:2] for row in ROWS])
    assert [raw.class_names[label] for label in raw.labels] == [row[2] for row in ROWS]


def said(raw: RawDataset, words: str) -> bool:
    return any(words in remark for remark in raw.remarks)


PLAIN = "a,b,label\n1.5,2,u\n2.5,3,u\n9.5,8,v\n8.5,9,v\n"
NUMBERED = "".join(f"{i},{row}\n" for i, row in enumerate(PLAIN.split("\n")[1:-1]))
SHUFFLED = "".join(f"{index},{row}\n" for index, row in zip((7, 0, 31, 2), PLAIN.split()[1:], strict=True))
SAME_TABLE: dict[str, str | bytes] = {
    "bar": PLAIN.replace(",", "|"),
    "spaces of any number": PLAIN.replace(",", "   "),
    "space after the comma": PLAIN.replace(",", ", "),
    "space before a quote": 'a, b, "label"\n1.5, 2, "u"\n2.5, 3, "u"\n9.5, 8, "v"\n8.5, 9, "v"\n',
    "commas in names, no quotes": "a (mm, outer);b (mm, outer);label\n" + PLAIN.split("\n", 1)[1].replace(",", ";"),
    "separator in quotes": '"a;1","b;2",label\n' + PLAIN.split("\n", 1)[1],
    "carriage returns": PLAIN.replace("\n", "\r"),
    "two carriage returns": PLAIN.replace("\n", "\r\r\n"),
    "no last line end": PLAIN.rstrip("\n"),
    "mark of UTF-8": "\ufeff" + PLAIN,
    "sep= of Excel": "sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n"),
    "sep= after a mark": "\ufeffsep=,\r\n" + PLAIN,
    "index of pandas": ",a,b,label\n" + NUMBERED,
    "index of pandas, twice": "Unnamed: 0,a,b,label\n" + NUMBERED,
    "index of chosen rows": ",a,b,label\n" + re.sub("^", "1", NUMBERED.rstrip(), flags=re.MULTILINE),
    "index of shuffled rows": ",a,b,label\n" + SHUFFLED,
    "row names of R": '"","a","b","label"\n' + re.sub("^", "row ", NUMBERED.rstrip(), flags=re.MULTILINE),
    "row names without a header": "a b label\n" + NUMBERED.replace(",", " "),
    "separator at the end": PLAIN.replace("\n", ",\n"),
    "separator at the end of rows": PLAIN.replace("u\n", "u,\n").replace("v\n", "v,\n"),
    "separator at the end of the header": PLAIN.replace("label\n", "label,\n"),
    "empty columns": PLAIN.replace("\n", ",,\n"),
    "empty rows of Excel": PLAIN + ",,\n,,\n",
    "empty rows within": PLAIN.replace("9.5", "\n,,\n  \n9.5"),
    "comment": "# made by hand\n" + PLAIN,
    "header in a comment": "# " + PLAIN,
    "comment within": PLAIN.replace("9.5", "# the others\n9.5"),
    "title": "Report of 2020\n\n" + PLAIN,
    "title of Excel": "Report of 2020,,\n,,\n" + PLAIN,
    "decimal comma": PLAIN.replace(",", ";").replace(".", ","),
    "decimal comma in quotes": re.sub(r"(\d)\.5", r'"\1,5"', PLAIN),
    "decimal comma, tabs": PLAIN.replace(",", "\t").replace(".", ","),
    "plus signs": PLAIN.replace("1.5", "+1.5").replace("2,u", "+2,u"),
    "exponents": PLAIN.replace("9.5", "95E-1").replace("8,v", "0.8e+1,v"),
    "label with space around": PLAIN.replace("u\n", " u\n").replace("9,v", "9,v "),
    "label first": "label,a,b\n" + "".join(f"{r[2]},{r[0]},{r[1]}\n" for r in ROWS),
    "label under another name": PLAIN.replace("label", "group"),
    "coordinates x and y": PLAIN.replace("a,b,label", "x,y,group"),
    "no header": PLAIN.split("\n", 1)[1],
    "UTF-16 of Excel": codecs.BOM_UTF16_LE + PLAIN.replace(",", "\t").encode("utf-16-le"),
    "UTF-16, the other way round": codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "UTF-32": PLAIN.encode("utf-32"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME_TABLE)
def test_the_same_table_in_many_spellings(case: str) -> None:
    assert_rows(read_text(SAME_TABLE[case]))


def test_decisions_of_the_reader_are_remarked_on() -> None:
    for case, words in {
        "index of pandas": "has no name and counts the rows",
        "index of shuffled rows": "has no name and numbers the rows",
        "row names of R": "has no name and was left out",
        "separator at the end": "is empty and was left out",
        "empty rows of Excel": "2 empty rows",
        "comment": "Skipped: 1 line before",
        "comment within": "1 line of comment",
        "decimal comma": "decimal comma",
        "coordinates x and y": "'group' is the only one of words",
        "no header": "names no columns",
        "UTF-16 of Excel": "UTF-16",
        "bar": "separated by '|'",
    }.items():
        assert said(read_text(SAME_TABLE[case]), words), case


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8"])
def test_letters_of_western_europe_are_read_and_doubt_is_remarked_on(encoding: str) -> None:
    raw = read_text("größe,label\n1,süß\n2,süß\n5,bär\n7,bär\n".encode(encoding))
    assert (raw.feature_names, raw.class_names) == (("größe",), ("bär", "süß"))
    assert said(raw, "not in UTF-8") == (encoding != "utf-8")


def test_letters_that_come_late_in_a_file_are_remarked_on_too() -> None:
    rows = "".join(f"{i}.5,{'uv'[i % 2]}\n" for i in range(200_000))
    raw = read_text(("x,label\n" + rows + "1,süß\n2,süß\n").encode("cp1252"))
    assert raw.class_names == ("süß", "u", "v")


@pytest.mark.parametrize(
    ("encoding", "word"), [("cp1251", "размер"), ("shift_jis", "大きさ"), ("cp1250", "žluť"), ("utf-16", "大きさ")]
)
def test_an_encoding_can_be_chosen(encoding: str, word: str) -> None:
    text = f"{word},label\n1,u\n2,u\n5,v\n7,v\n".encode(encoding)
    assert read_text(text, encoding=encoding).feature_names == (word,)


def test_every_guess_can_be_overruled() -> None:
    numbers = "1,2,0\n3,4,1\n5,6,0\n7,8,1\n"
    assert len(read_text(numbers, header=False, label_column="column 3").labels) == 4
    assert read_text(numbers + "9,9,0\n", header=True, label_column="0").feature_names == ("1", "2")
    assert read_text("y,a\nu,1.234\nv,2.345\nu,1.5\nv,2\n".replace(",", ";"), decimal=".").values[0, 0] == np.float32(
        1.234
    )
    assert read_text("y;a\nu;1.234\nv;2.345\nu;1\nv;2\n", decimal=",").values[0, 0] == 1234
    left = read_text("y,a,name\nu,1,x\nv,2,y\nu,3,z\nv,4,w\n", ignored_columns=("name",))
    assert left.feature_names == ("a",)
    with pytest.raises(ChoiceError, match="separator"):
        Choices(separator="#")  # type: ignore[arg-type]


def test_a_table_of_transposed_samples_can_be_turned() -> None:
    columns = [["a", "1.5", "2.5", "9.5", "8.5"], ["b", "2", "3", "8", "9"], ["label", "u", "u", "v", "v"]]
    assert_rows(read_text("\n".join(",".join(row) for row in columns) + "\n", orientation="transposed"))


def test_samples_with_missing_values_are_left_out_when_chosen() -> None:
    text = "a,b,y\n1,2,u\n,3,u\n3,NaN,v\n4,5,v\n6,7,NA\n8,?,u\n9,9,u\n10,nan,v\n7,7,v\n"
    with pytest.raises(DatasetError, match="line 3, column 'a': nothing") as caught:
        read_text(text)
    assert "choose to leave out" in caught.value.remedy
    raw = read_text(text, missing="leave_out")
    np.testing.assert_array_equal(raw.values, [[1, 2], [4, 5], [9, 9], [7, 7]])
    assert said(raw, "5 samples with a missing value")
    kept = read_text("a,y\n1,None\n2,None\n3,mild\n4,mild\n", missing="keep")
    assert kept.class_names == ("None", "mild")


def classes(*labels: str) -> RawDataset:
    return read_text("x,label\n" + "".join(f"{i * i},{label}\n" for i, label in enumerate(labels * 2)))


def test_classes_are_in_the_order_of_their_numbers() -> None:
    decimals = classes(*(f"{i}.0" for i in range(11)))
    assert decimals.class_names == tuple(f"{i}.0" for i in range(11))
    assert decimals.with_class_names([f"n{i}" for i in range(11)]).class_names[2] == "n2"
    assert classes("10.5", "9.5", "-1e1").class_names == ("-1e1", "9.5", "10.5")
    strings = npz.read(files.opened(files.npz(X=files.pictures(24), y=np.array([str(i) for i in range(12)] * 2))))
    assert strings.class_names == tuple(map(str, range(12)))


def test_a_number_in_other_spelling_is_the_same_class() -> None:
    assert classes("1", "1.0", "2", "2.0", "+2").class_names == ("1", "2")
    assert classes("+1", "-1", "1").class_names == ("-1", "1")
    assert classes("0.50", "0.5", "1").class_names == ("0.5", "1")
    assert said(classes("1", "1.0", "2"), "'1', '1.0'")
    large = classes("12345678901234567890", "12345678901234567891")
    assert len(large.class_names) == 2, "as floating point they would be one"


def test_words_that_look_alike_are_kept_apart_and_named() -> None:
    raw = classes("True", "TRUE", "true", "False")
    assert len(raw.class_names) == 4
    assert said(raw, "'TRUE', 'True', 'true'")
    assert said(classes("007", "7"), "'007', '7'")


def test_letters_in_two_forms_and_space_around_are_one_class() -> None:
    assert classes("café", "cafe\u0301", "dog").class_names == ("café", "dog")
    padded = npz.read(files.opened(files.npz(X=files.pictures(), y=np.array(["cat   ", "cat", "dog "] * 4))))
    assert padded.class_names == ("cat", "dog")
    members = {f"{name}/{i}.png": files.png(picture) for i, (name, picture) in enumerate(
        zip(["café", "cafe\u0301", "a", "a "] * 3, files.pictures(), strict=True))}  # fmt: skip
    assert read(files.opened(files.zipped(members))).class_names == ("a", "café")


def test_labels_in_bytes_are_never_merged() -> None:
    labels = np.array([b"gr\xfcn", b"gr\xe4n", b"rot"] * 4)
    raw = npz.read(files.opened(files.npz(images=files.pictures(), labels=labels)))
    assert raw.class_names == ("grän", "grün", "rot")
    assert said(raw, "Latin-1")
    utf8 = npz.read(
        files.opened(files.npz(images=files.pictures(), labels=np.char.encode(["grün", "rot"] * 6, "utf-8")))
    )
    assert utf8.class_names == ("grün", "rot")
    assert not utf8.remarks


def test_a_column_that_counts_the_rows_is_remarked_on() -> None:
    rows = "".join(f"{i},{i * i % 7}.5,{'uvw'[i // 10]}\n" for i in range(30))
    assert said(read_text("Id,a,Species\n" + rows), "'Id' counts the samples")
    assert read_text("Id,a,Species\n" + rows, ignored_columns=("Id",)).feature_names == ("a",)


def test_counts_of_words_are_no_pixels() -> None:
    def wide(name: str) -> RawDataset:
        rng = np.random.default_rng(0)
        header = ",".join(name.format(i, i // 8, i % 8) for i in range(64))
        rows = "".join(",".join(map(str, rng.integers(0, 9, 64))) + f",{'uv'[i % 2]}\n" for i in range(12))
        return read_text(f"{header},label\n{rows}")

    for name in ("word{0}", "q{0}", "gene_{0}"):
        raw = wide(name)
        assert (raw.sample_shape, len(raw.feature_names)) == ((64,), 64)
        assert said(raw, "they could be 8 x 8 pixels")
    for name in ("pixel{0}", "{1}x{2}", "px_{0}", "{0}", "pixel_{1}_{2}", "x{0}"):
        assert wide(name).sample_shape == (8, 8), name
    series = npz.read(files.opened(files.npz(X=np.arange(640).reshape(10, 64) % 200, y=np.arange(10) % 2)),
                      choices=Choices(samples="rows"))  # fmt: skip
    assert series.sample_shape == (64,)


def scaled(raw: RawDataset) -> np.ndarray[Any, Any]:
    data = raw.dataset(INFO)
    parts = split(data, 0.25, 0)
    return data.inputs(parts).of(np.arange(len(data.labels)))


def test_large_numbers_with_small_differences_keep_them() -> None:
    text = "time,b,label\n" + "".join(f"{1_700_000_000 + i},{i % 3}.5,{'uv'[i % 2]}\n" for i in range(40))
    time = np.arange(40.0)
    for raw in (read_text(text), npz.read(files.opened(files.npz(
        X=np.column_stack([1.7e9 + time, time % 3 + 0.5]), y=np.arange(40) % 2)))):  # fmt: skip
        seen = scaled(raw)[:, 0]
        np.testing.assert_allclose(np.diff(seen), np.diff(seen)[0], rtol=1e-4)
        assert seen[-1] - seen[0] > 3
        assert "never change" not in raw.scaling.description


def test_numbers_that_float32_holds_take_its_room() -> None:
    rows = "".join(f"0.{i:04},{i}.25,{'uv'[i % 2]}\n" for i in range(400))
    assert read_text("a,b,label\n" + rows).values.dtype == np.float32


def test_statistics_come_from_the_samples_that_train() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(100, 5, (80, 3))
    raw = npz.read(files.opened(files.npz(X=values, y=np.arange(80) % 2)))
    data = raw.dataset(INFO)
    for seed in (0, 1):
        parts = split(data, 0.25, seed)
        train, held = (data.inputs(parts).of(part) for part in (parts.train, parts.validation))
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-6)
        kept = raw.values[parts.train].astype(np.float64)
        right = (raw.values[parts.validation] - kept.mean(axis=0)) / kept.std(axis=0)
        np.testing.assert_allclose(held, right, atol=1e-5)
    assert replace(raw, values=raw.values + np.float32(1)).content_hash != raw.content_hash


def test_a_column_constant_among_those_that_train_becomes_zero_everywhere() -> None:
    values = np.column_stack([np.arange(40.0), np.full(40, 0.1)])
    raw = npz.read(files.opened(files.npz(X=values, y=np.arange(40) % 2)))
    data = raw.dataset(INFO)
    parts = split(data, 0.25, 0)
    changed = replace(raw, values=raw.values.copy())
    changed.values[parts.validation[0], 1] = 7
    assert not changed.dataset(INFO).inputs(parts).of(parts.validation)[:, 1].any()


@pytest.mark.parametrize("shape", [(24, 5, 1), (24, 1, 5), (5, 1, 24), (1, 5, 24)])
def test_series_with_a_channel_of_one_are_tables(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=(24, 5)) * [1, 1000, 1, 1, 1]
    laid = values.reshape(shape) if shape[0] == 24 else np.moveaxis(values.reshape(24, *shape[:2]), 0, -1)
    raw = npz.read(files.opened(files.npz(X=laid, y=np.arange(24) % 3)))
    assert raw.sample_shape == (5,)
    np.testing.assert_allclose(raw.values, values.astype(np.float32))


@pytest.mark.parametrize(
    ("top", "dtype", "white"),
    [
        (1.0, "f8", 1), (1.02, "f8", 1.02), (2.0, "f4", 2), (100.5, "f8", 100.5), (255, "f8", 255), (255, "i8", 255),
        (255, "u1", 255), (7, "u1", 255), (1, "u1", 1), (16, "i8", 16), (4080, "u2", 4080), (65535, "u2", 65535),
    ],
)  # fmt: skip
def test_pixels_are_scaled_by_what_their_numbers_are(top: float, dtype: str, white: float) -> None:
    images = (files.pictures() / 255 * top).astype(dtype)
    images[0, 0, 0], images[0, 0, 1] = 0, top
    raw = npz.read(files.opened(files.npz(images=images, labels=files.labels())))
    np.testing.assert_allclose(raw.dataset(INFO).features, images.reshape(12, -1) / white, rtol=1e-6)
    assert said(raw, "dark") == (top == 7)
    own = npz.read(files.opened(files.npz(images=images, labels=files.labels())), choices=Choices(pixel_range="own"))
    assert own.dataset(INFO).features.max() == 1


def test_digits_of_scikit_learn_are_seventeen_shades_in_any_type() -> None:
    images = np.random.default_rng(0).integers(0, 17, (12, 8, 8))
    images[0, 0, 0] = 16
    for dtype in ("u1", "i8", "f8"):
        raw = npz.read(files.opened(files.npz(images=images.astype(dtype), labels=files.labels())))
        assert raw.dataset(INFO).features.max() == 1


def folders(pictures: Any, names: str = "ab", ending: str = "png") -> dict[str, bytes]:
    return {f"{names[i % len(names)]}/{i}.{ending}": one for i, one in enumerate(pictures)}


def of_zip(members: dict[str, bytes], **choices: Any) -> RawDataset:
    return read(files.opened(files.zipped(members)), choices=Choices(**choices))


@pytest.mark.parametrize(("top", "bits"), [(255, 8), (4080, 12), (65535, 16)])
def test_pictures_of_sixteen_bits_keep_the_range_they_use(top: int, bits: int) -> None:
    images = (files.pictures().astype(np.int64) * top // 255).astype(np.uint16)
    raw = of_zip(folders([files.png(image) for image in images]))
    np.testing.assert_allclose(raw.dataset(INFO).features, images.reshape(12, -1) / top, atol=1e-6)


def test_eight_and_sixteen_bits_side_by_side_have_one_white() -> None:
    images = files.pictures()
    coded = [files.png(image.astype(np.uint16) * 257 if i % 2 else image) for i, image in enumerate(images)]
    np.testing.assert_array_equal(of_zip(folders(coded)).values, images.reshape(12, -1))


def inked(mode: str, ink: int) -> list[bytes]:
    """Draw squares and bars in one shade on a clear ground."""
    coded = []
    for i in range(12):
        clear = np.zeros((12, 12, 2), np.uint8)
        shape = (slice(i % 6, i % 6 + 4), slice(2, 6)) if i % 2 else (slice(i % 6, i % 6 + 1), slice(0, 12))
        clear[shape] = (ink, 255)
        picture = Image.fromarray(clear)
        file = io.BytesIO()
        (picture if mode == "LA" else picture.convert(mode)).save(file, "PNG")
        coded.append(file.getvalue())
    return coded


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("ink", [0, 40, 255])
def test_ink_on_a_clear_ground_stays_visible(mode: str, ink: int) -> None:
    raw = of_zip(folders(inked(mode, ink)))
    assert sorted(np.unique(raw.values)) == sorted([ink, 255 if ink < 128 else 0])
    assert said(raw, "laid on white" if ink < 128 else "laid on black")


def test_a_clear_colour_of_a_palette_is_ground() -> None:
    coded = []
    for i in range(4):
        picture = Image.new("P", (8, 8), 0)
        picture.putpalette([0, 0, 0, 10, 10, 10])
        picture.paste(1, (i, 0, i + 2, 8))
        file = io.BytesIO()
        picture.save(file, "PNG", transparency=0)
        coded.append(file.getvalue())
    assert sorted(np.unique(of_zip(folders(coded)).values)) == [10, 255]


def test_blank_pictures_are_remarked_on_or_refused() -> None:
    blank, drawn = files.png(np.zeros((9, 9), np.uint8)), [files.png(one) for one in files.pictures(6)]
    raw = of_zip({f"a/{i}.png": one for i, one in enumerate(drawn)} | {f"b/{i}.png": blank for i in range(3)})
    assert said(raw, "3 of 9 pictures are blank")
    assert said(raw, "Class 'b' has no other")
    with pytest.raises(DatasetError, match="all 6 are the same, every pixel 0"):
        of_zip(folders([blank] * 6))
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[..., :3] = 255
    with pytest.raises(DatasetError, match="all 4 are the same"):
        of_zip(folders([files.png(clear)] * 4))


def test_jpegs_are_read_also_beside_pngs() -> None:
    smooth = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    images = np.stack([np.roll(smooth, i, axis=0) for i in range(12)])
    raw = of_zip(folders([files.jpeg(image) for image in images], ending="JPG"))
    np.testing.assert_allclose(raw.values.reshape(images.shape), images, atol=12)
    mixed = folders([files.png(image) for image in images[:6]]) | {
        f"c/{i}.jpeg": files.jpeg(image) for i, image in enumerate(images[6:])
    }
    assert of_zip(mixed).class_names == ("a", "b", "c")


@pytest.mark.parametrize("ending", ["png", "jpg"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_exif_says(ending: str, orientation: int) -> None:
    undone: dict[int, Callable[[Any], Any]] = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: np.transpose,
        6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(a, 2).T, 8: lambda a: np.rot90(a, 3),
    }  # fmt: skip
    upright = np.zeros((12, 8, 16), np.uint8)
    for i in range(12):
        upright[i, : 2 + i % 4, : 3 + i] = 240
    exif = Image.Exif()
    exif[0x0112] = orientation
    coded = []
    for image in upright:
        file = io.BytesIO()
        stored = Image.fromarray(np.ascontiguousarray(undone[orientation](image)))
        stored.save(
            file, {"png": "PNG", "jpg": "JPEG"}[ending], exif=exif, **({} if ending == "png" else {"quality": 100})
        )
        coded.append(file.getvalue())
    raw = of_zip(folders(coded, ending=ending))
    assert raw.sample_shape == (8, 16)
    np.testing.assert_allclose(raw.values.reshape(upright.shape), upright, atol=60)
    assert said(raw, "EXIF") == (orientation > 1)


CLUTTER = [
    ".ipynb_checkpoints/0.png", "a/.ipynb_checkpoints/0.png", "@eaDir/0.png", "$RECYCLE.BIN/0.png",
    "System Volume Information/0.png", "__MACOSX/a/._0.png", "x/__MACOSX/a/0.png", "a/Thumbs.db", "a/@eaDir/0.png",
]  # fmt: skip


def test_folders_of_systems_and_programs_are_no_classes() -> None:
    coded = [files.png(one) for one in files.pictures()]
    raw = of_zip(folders(coded) | dict.fromkeys(CLUTTER, coded[0]))
    assert (raw.class_names, len(raw.labels)) == (("a", "b"), 12)
    assert not raw.remarks


LAYOUTS: dict[str, tuple[list[str], tuple[str, ...], str]] = {
    "backslashes": (["a\\{}.png", "b\\{}.png"], ("a", "b"), ""),
    "a colon": (["A: x/{}.png", "B: y/{}.png"], ("A: x", "B: y"), ""),
    "one folder below each": (["a/images/{}.png", "b/images/{}.png"], ("a", "b"), "outermost"),
    "folders below in several": (["a/x/{}.png", "a/y/{}.png", "b/x/{}.png", "b/y/{}.png"], ("a", "b"), "outermost"),
    "kinds of kinds": (["animal/cat/{}.png", "animal/dog/{}.png", "plant/rose/{}.png"], ("cat", "dog", "rose"),
                       "innermost"),
    "at both levels": (["a/{}.png", "a/x/{}.png", "b/{}.png"], ("a", "b"), "outermost"),
    "train and test": (["train/a/{}.png", "train/b/{}.png", "test/a/{}.png", "test/b/{}.png"], ("a", "b"),
                       "'test', 'train' were read together"),
    "train and test below": (["set/train/a/{}.png", "set/Test/b/{}.png"], ("a", "b"), "were read together"),
    "one beside the folders": (["a/{}.png", "b/{}.png", "preview{}.png"], ("a", "b"), "in no folder"),
}  # fmt: skip


@pytest.mark.parametrize("case", LAYOUTS)
def test_folders_name_the_classes_that_were_meant(case: str) -> None:
    paths, names, remark = LAYOUTS[case]
    coded = [files.png(one) for one in files.pictures(24)]
    raw = of_zip({paths[i % len(paths)].format(i): one for i, one in enumerate(coded)})
    assert raw.class_names == names
    assert not remark or said(raw, remark)


def test_the_folder_that_names_the_class_can_be_chosen() -> None:
    coded = [files.png(one) for one in files.pictures(8)]
    members = {f"{'ab'[i % 2]}/{'xy'[i // 2 % 2]}/{i}.png": one for i, one in enumerate(coded)}
    assert of_zip(members, class_folder="innermost").class_names == ("x", "y")
    assert of_zip(members, class_folder="outermost").class_names == ("a", "b")


def test_copies_of_pictures_and_lost_classes_are_remarked_on_first() -> None:
    coded = [files.png(one) for one in files.pictures(6)]
    assert said(
        of_zip(folders(coded) | {f"b/copy{i}.png": one for i, one in enumerate(coded)}), "6 of 12 pictures are copies"
    )
    large = [files.png(one) for one in files.pictures(3, side=20)]
    raw = of_zip(folders(coded) | {f"c/{i}.png": one for i, one in enumerate(large)})
    assert "'c' (3)" in raw.remarks[0]


def unflagged(names: list[bytes]) -> bytes:
    """Pack pictures under names in bytes, without the flag that says they are UTF-8."""
    stand_ins = [f"{i:03}".ljust(len(name), "_") for i, name in enumerate(names)]
    data = files.zipped({s: files.png(p) for s, p in zip(stand_ins, files.pictures(len(names)), strict=True)},
                        zipfile.ZIP_STORED)  # fmt: skip
    for stand_in, name in zip(stand_ins, names, strict=True):
        data = data.replace(stand_in.encode(), name)
    return data


def test_names_in_a_zip_are_read_in_the_letters_they_were_written_in() -> None:
    utf8 = read(files.opened(unflagged([f"{'größe' if i % 2 else 'länge'}/{i}.png".encode() for i in range(6)])))
    assert utf8.class_names == ("größe", "länge")
    assert not utf8.remarks
    dos = read(files.opened(unflagged([f"{'größe' if i % 2 else 'länge'}/{i}.png".encode("cp437") for i in range(6)])))
    assert dos.class_names == ("größe", "länge")
    assert said(dos, "check these")


def test_more_pictures_than_arrays_are_a_zip_of_pictures() -> None:
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    raw = of_zip(folders([files.png(one) for one in files.pictures()]) | {"notes/mean.npy": array.getvalue()})
    assert raw.class_names == ("a", "b")


def test_labels_of_qmnist_are_its_first_column() -> None:
    labels = np.column_stack([files.labels(), *[np.arange(12)] * 7]).astype(np.int32)
    pair = [files.opened(files.idx(files.pictures()), "q-images-idx3-ubyte"),
            files.opened(files.idx(labels), "q-labels-idx2-int")]  # fmt: skip
    for order in (pair, pair[::-1]):
        raw = read(order)
        np.testing.assert_array_equal(raw.labels, files.labels())
        assert said(raw, "the first is the class")


def test_pictures_that_lie_can_be_turned() -> None:
    images = files.pictures()
    pair = (files.idx(np.swapaxes(images, 1, 2)), files.idx(files.labels()))

    def pair_of() -> list[io.BytesIO]:
        return [files.opened(one, f"emnist-{name}") for one, name in zip(pair, ("images", "labels"), strict=True)]

    assert said(read(pair_of()), "transposed")
    turned = read(pair_of(), choices=Choices(orientation="transposed"))
    np.testing.assert_array_equal(turned.values.reshape(images.shape), images)


NUMBERS = [
    ("1.234,5", ",", 1234.5), ("1,234.5", ".", 1234.5), ("1 234,5", ",", 1234.5), ("1'234.5", ".", 1234.5),
    ("1\u202f234\u202f567", ".", 1234567), ("12.345.678", ",", 12345678), ("−1,5", ",", -1.5), ("1,5e-3", ",", 0.0015),
    (",5", ",", 0.5), ("5,", ",", 5), ("0,001", ",", 0.001), ("0,001", ".", None), ("20.000", ",", 20000),
    ("1,23", ".", None), ("1.5", ",", None), ("12,3456", ".", None), ("1_000", ".", None), ("0x10", ".", None),
    ("1,234,56", ".", None), ("1.234.567", ".", None), ("٣", ".", None), ("", ".", None), ("-", ".", None),
    (".", ".", None), ("e5", ".", None), ("nan", ".", None), ("inf", ".", float("inf")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "decimal", "value"), NUMBERS)
def test_numbers_are_read_under_a_decimal_sign(text: str, decimal: Any, value: float | None) -> None:
    assert parse(text, decimal) == value


def test_thousands_are_told_from_fractions_by_the_whole_file() -> None:
    def first(*cells: str, separator: str = ";") -> Any:
        rows = "".join(f'"{cell}"{separator}{"uv"[i % 2]}\n' for i, cell in enumerate(cells * 2))
        return read_text(f"a{separator}label\n{rows}").values[0, 0]

    assert first("1.234,5", "2") == 1234.5
    assert first("1,234.5", "2") == 1234.5
    assert first("1,234,567", "2") == 1234567
    assert first("1.234.567", "2") == 1234567
    assert first("1,234", "2") == np.float32(1.234)
    assert first("1,234", "2", separator=",") == 1234
    assert first("1.234", "12,5") == 1234
    assert first("1.234", "2") == np.float32(1.234)


def test_a_decimal_comma_that_comes_late_is_read() -> None:
    rows = "".join(f"{i % 90};{'uv'[i % 2]}\n" for i in range(5000))
    raw = read_text(f"a;label\n{rows}1,5;u\n")
    assert raw.values[-1, 0] == 1.5
    assert said(raw, "decimal comma")


CELLS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


@given(
    table_of=st.lists(st.tuples(CELLS, CELLS), min_size=4, max_size=12),
    separator=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
    header=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
@example([(1.5, 2.0)] * 4, ",", ",", "\n", True, False, "utf-8")
@settings(max_examples=examples(150), deadline=None)
def test_any_numbers_come_back_in_any_spelling(
    table_of: Any, separator: str, decimal: str, end: str, quoted: bool, header: bool, encoding: str
) -> None:
    quoted = quoted or separator == decimal
    quote = '"' if quoted else ""

    def cell(value: object) -> str:
        return f"{quote}{str(value).replace('.', decimal) if isinstance(value, float) else value}{quote}"

    lines = [separator.join(map(cell, ("größe", "b", "label")))] if header else []
    lines += [separator.join(map(cell, (*row, ("süß", "bär")[i % 2]))) for i, row in enumerate(table_of)]
    raw = table.read(files.opened((end.join(lines) + end).encode(encoding)))
    np.testing.assert_allclose(raw.values, np.array(table_of), rtol=1e-6)
    assert raw.class_names == ("bär", "süß")


def test_exif_that_is_damaged_turns_nothing() -> None:
    coded = []
    for one in files.pictures():
        data = files.png(one)
        body = b"II*\x00\xff\xff\xff\xff"
        chunk = struct.pack(">I", len(body)) + b"eXIf" + body + struct.pack(">I", zlib.crc32(b"eXIf" + body))
        coded.append(data[:33] + chunk + data[33:])
    assert len(of_zip(folders(coded)).labels) == 12


@pytest.mark.parametrize("word", ["NA", "?", "-", "--", "", ".", "nan", "n.a.", "#DIV/0!", "missing", "NULL"])
def test_a_missing_number_is_named_by_its_line_and_may_be_left_out(word: str) -> None:
    text = f"a,b,label\n3,{word},u\n" + PLAIN.split("\n", 1)[1]
    with pytest.raises(DatasetError, match=r"line 2, column 'b'.* choose to leave out samples with missing values"):
        read_text(text)
    assert_rows(read_text(text, missing="leave_out"))


def test_a_column_without_a_name_within_the_table_is_an_input() -> None:
    raw = read_text(PLAIN.replace("a,b,", "a,,"))
    assert_rows(raw)
    assert said(raw, "Column 2 has no name")


@pytest.mark.parametrize(
    "names",
    [("X", "Y"), ("Images", "Labels"), ("inputs", "targets"), ("samples", "classes"), ("image", "label"),
     ("data", "targets"), ("TRAIN_IMAGES", "train_labels")],
)  # fmt: skip
def test_arrays_are_found_under_the_names_that_people_give_them(names: tuple[str, str]) -> None:
    pixels, labels = files.pictures(), files.labels()
    raw = read(files.opened(files.npz(**{names[1]: labels, names[0]: pixels}), "a.npz"))
    np.testing.assert_array_equal(raw.values, pixels.reshape(len(pixels), -1))
    np.testing.assert_array_equal(raw.labels, labels)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("axis", [3, 1])
@pytest.mark.parametrize("is_float", [False, True])
def test_colours_of_an_array_become_grey(channels: int, axis: int, is_float: bool) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 9, channels), dtype=np.uint8)
    pixels[0, 0, 0], pixels[0, 0, 1] = 255, 0
    expected = pixels[..., 0] * 0.299 + pixels[..., 1] * 0.587 + pixels[..., 2] * 0.114
    brought = np.moveaxis(pixels, 3, axis)
    data = files.npz(images=brought / 255 if is_float else brought, labels=files.labels())
    raw = read(files.opened(data, "a.npz"))
    seen = raw.dataset(INFO).features
    assert raw.sample_shape == (9, 9)
    np.testing.assert_allclose(seen, expected.reshape(12, -1) / 255, atol=0.0021)
    assert said(raw, "colours become grey")
