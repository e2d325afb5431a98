"""Tables of other programs are read with their intended values."""

from __future__ import annotations

import codecs
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synrl_core.datasets import ChoiceError, Choices, DatasetError, RawDataset
from synrl_core.datasets.readers import npz, table
from synrl_core.datasets.readers.numbers import parse
from tests.core.datasets import files
from tests.core.datasets.meant import read_text, said
from tests.examples import examples

ROWS = [(1.5, 2.0, "u"), (2.5, 3.0, "u"), (9.5, 8.0, "v"), (8.5, 9.0, "v")]


def assert_rows(raw: RawDataset) -> None:
    np.testing.assert_array_equal(raw.values, [row[:2] for row in ROWS])
    assert [raw.class_names[label] for label in raw.labels] == [row[2] for row in ROWS]


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
