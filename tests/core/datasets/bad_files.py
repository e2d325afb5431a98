"""Bad files of every format, each with the words of its refusal."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from synrl_core.datasets.limits import MIB
from tests.core.datasets import files

#: Data of a case; those that take long to make are made by the tests that need them, not whenever tests are collected.
Data = bytes | Callable[[], bytes]

IMAGES, LABELS = files.idx(files.pictures()), files.idx(files.labels())


def made(data: Data) -> bytes:
    return data() if callable(data) else data


def declared(*shape: int, code: int = 8) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


IDX_CASES: dict[str, tuple[list[Data], str]] = {
    "truncated gz": ([files.gz(IMAGES)[:-30], LABELS], "gzip stream: "),
    "damaged gz": ([files.gz(IMAGES)[:40] + b"\x00\x01" + files.gz(IMAGES)[42:], LABELS], "gzip stream: "),
    "gz of nothing": ([files.gz(b""), LABELS], "first four bytes"),
    "wrong magic": ([b"\x00\x01" + IMAGES[2:], LABELS], r"'00 01 08 03'. Expected an IDX header: .*00 00 08 03"),
    "unknown type": ([b"\x00\x00\x0a\x03" + IMAGES[4:], LABELS], "first four bytes"),
    "header cut": ([IMAGES[:9], LABELS], "ends after 9 bytes"),
    "values cut": ([IMAGES[:-5], LABELS], "bytes. Expected"),
    "values cut in gz": ([files.gz(IMAGES[:-5]), LABELS], "the file ends"),
    "more than declared": ([IMAGES + b"x", LABELS], "was cut or added to"),
    "more than declared in gz": ([files.gz(IMAGES + b"x"), LABELS], "the file goes on"),
    "fewer labels": ([IMAGES, files.idx(files.labels(11))], "11 labels for the 12 samples of 'file0.dat'"),
    "more labels": ([IMAGES, files.idx(files.labels(13))], "13 labels for the 12 samples"),
    "no samples": ([declared(0, 28, 28), declared(0)], "0 samples"),
    "no pixels": ([declared(2, 0, 28), declared(2) + b"\x00\x01"], "samples of 0 values"),
    "one class": ([IMAGES, files.idx(files.labels(12, 1))], "all 12 samples are of one class"),
    "a class of one": ([IMAGES, files.idx(np.array([0] * 11 + [1], dtype=np.uint8))], "class '1' has one sample"),
    "two of pictures": ([IMAGES, IMAGES], "one whole number a sample"),
    "two of labels": ([LABELS, LABELS], "1 dimensions"),
    "labels are real": ([IMAGES, files.idx(files.labels().astype("f4"))], "one whole number a sample"),
    "a colour axis": ([files.idx(np.zeros((4, 2, 2, 3), np.uint8)), files.idx(files.labels(4))], "4 dimensions"),
    "not a number": ([files.idx(np.full((12, 2, 2), np.nan, "f4")), LABELS], "sample 1, value 1: nan"),
    "infinity": ([files.idx(np.full((12, 2, 2), np.inf, "f8")), LABELS], "sample 1, value 1: inf"),
    "one of a pair": ([IMAGES], "one file of an IDX pair"),
    "three files": ([IMAGES, LABELS, LABELS], "3 files"),
    "an empty file": ([b"", LABELS], "0 bytes"),
    "a gigantic declaration": ([declared(2**32 - 1, 2**32 - 1, 2**32 - 1), LABELS], "samples declared"),
    "a gigantic sample": ([declared(2, 2**32 - 1, 2**32 - 1), LABELS], "values a sample declared"),
    "a large declaration in a small gz": ([files.gz(declared(100_000, 50, 50)), LABELS], "MiB declared in a gzip"),
    "a gzip bomb": ([lambda: files.gz(declared(4_000, 100, 100) + bytes(40_000_000)), LABELS], "declared in a gzip"),
}


def npy_of(shape: str, descr: str = "'|u1'", data: bytes = b"") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    padded = (header + " " * (-(len(header) + 11) % 64) + "\n").encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def npz_of(images: bytes, labels: bytes | None = None) -> bytes:
    good = npy_of("(2,)", data=b"\x00\x01") if labels is None else labels
    return files.zipped({"images.npy": images, "labels.npy": good})


X, Y = files.pictures(), files.labels()
NPZ_CASES: dict[str, tuple[Data, str]] = {
    "cut": (files.npz(images=X, labels=Y)[:-40], "no table of contents"),
    "damaged": (files.npz(images=X, labels=Y).replace(X.tobytes()[:50], b"\x07" * 50), "cut or damaged"),
    "damaged far from the start": (
        lambda: files.npz(
            images=np.arange(3 * 10**6, dtype="u4").view("u1").reshape(-1, 100, 100)[:200], labels=np.arange(200) % 2
        ).replace(np.arange(400_000, 400_100, dtype="u4").tobytes(), bytes(400)),
        "cut or damaged",
    ),
    "no known names": (files.npz(a=X, b=Y), "'a', 'b'. Expected 'images' and 'labels'"),
    "only pictures": (files.npz(images=X), "names of the arrays"),
    "counts differ": (files.npz(images=X, labels=Y[:-1]), "for 11 labels"),
    "no samples": (files.npz(images=X[:0], labels=Y[:0]), "0 samples"),
    "a single number": (files.npz(images=np.uint8(1), labels=np.uint8(1)), "labels of shape"),
    "one class": (files.npz(images=X, labels=Y * 0), "one class"),
    "five channels": (files.npz(images=np.zeros((12, 6, 6, 5), np.uint8), labels=Y), "belong together"),
    "nan": (files.npz(X=np.full((12, 4), np.nan), y=Y), "sample 1, value 1: nan"),
    "infinity": (files.npz(X=np.full((12, 4), -np.inf), y=Y), "sample 1, value 1: -inf"),
    "beyond float32": (files.npz(X=np.full((12, 4), 1e300), y=Y), r"1e\+300. Expected a number"),
    "complex numbers": (files.npz(X=np.zeros((12, 4), complex), y=Y), "type 'complex128'"),
    "words as values": (files.npz(X=np.full((12, 4), "a"), y=Y), "values of type"),
    "labels that are no classes": (files.npz(X=X, y=np.linspace(0, 1, 12)), "no whole numbers"),
    "labels that are nan": (files.npz(X=X, y=np.full(12, np.nan)), r"12 labels that are missing \(NaN\)"),
    "words for missing labels": (files.npz(X=X, y=np.array(["u", "v", "None"] * 4)), "'None'.*choose to keep"),
    "labels of several ones": (
        files.npz(X=X, y=np.eye(3)[Y] + np.eye(3)[(Y + 1) % 3]),
        "12 rows that have no 1 or several",
    ),
    "labels of shares": (files.npz(X=X, y=np.eye(3)[Y] * 0.9 + 0.05), r"values such as 0.95.*argmax\(axis=1\)"),
    "labels as objects": (files.npz(X=X, y=Y.astype(object)), r"y.astype\(str\)"),
    "pictures that are all the same": (
        files.npz(images=np.ones((12, 4, 4)), labels=Y),
        "all 12 are the same, every pixel 1",
    ),
    "a million classes": (
        lambda: files.npz(X=np.zeros((10**6, 1), np.uint8), y=np.arange(10**6)),
        "1,000,000 different labels",
    ),
    "a structured array": (files.npz(X=np.zeros(12, [("a", "f4")]), y=Y), "type"),
    "member is no array": (npz_of(b"PNG or whatever"), "not a NumPy array"),
    "header is code": (npz_of(npy_of("__import__('os').abort()")), "not a NumPy array"),
    "header never ends": (npz_of(npy_of("((((")), "not a NumPy array"),
    "header is deep": (npz_of(npy_of("-" * 9000 + "1")), "not a NumPy array"),
    "negative shape": (npz_of(npy_of("(-2, 4)")), "images.npy"),
    "shape of true": (npz_of(npy_of("(True, 2)", data=b"ab")), "images.npy|for 2 labels"),
    "gigantic shape": (npz_of(npy_of("(10**18,)".replace("10**18", "1" + "0" * 18))), "declared"),
    "gigantic shape of nothing": (npz_of(npy_of("(0, 1" + "0" * 30 + ")")), "images.npy|cut or damaged"),
    "gigantic empty strings": (npz_of(npy_of("(1" + "0" * 18 + ",)", "'|S0'")), "declared"),
    "shorter than declared": (npz_of(npy_of("(2, 4)", data=b"1234567")), "as its header"),
    "longer than declared": (npz_of(npy_of("(2, 4)", data=b"123456789")), "as its header"),
    "large declaration in a small file": (npz_of(npy_of("(2, 10000, 10000)", data=bytes(1000))), "declared"),
    "a zip bomb": (lambda: npz_of(npy_of("(2, 5000, 4000)", data=bytes(40_000_000))), "MiB packed into"),
}


TABLE_CASES: dict[str, tuple[Data, str]] = {
    "a short row": (b"y,a,b\n0,1,2\n1,2\n", "line 3: 2 columns. Expected 3, as the header has"),
    "a long row": (b"y,a,b\n0,1,2\n1,2,3,4\n", "line 3: 4 columns"),
    "no label column": (
        b"a,b\n1,2\n3,4\n",
        "no column is plainly the label. Expected the name of one of these: 'a', 'b'",
    ),
    "two usual label columns": (b"label,class,x\n1,2,3\n", "no column is plainly the label"),
    "only a header": (b"y,a\n", "0 samples"),
    "only a label": (b"y\n0\n1\n", "1 columns"),
    "no header": (b"0,1,2\n1,2,3\n", "no column is plainly the label.*'column 1', 'column 2'"),
    "one class": (b"y,a\n0,1\n0,2\n", "one class"),
    "a class of one": (b"y,a\n0,1\n0,2\n1,2\n", "class '1' has one sample"),
    "nan": (b"y,a\n0,1\n1,nan\n", "line 3, column 'a': 'nan'"),
    "infinity": (b"y,a\n0,1\n1,-inf\n", "line 3, column 'a': '-inf'"),
    "beyond float32": (b"y,a\n0,1\n1,1e300\n", r"column 'a': 1e\+300"),
    "beyond float64": (b"y,a\n0,1\n1,1e400\n", "too large for 64 bits"),
    "a tab after a quote": (b'a\tb\tlabel\n1\t2\t"u"x\t"\n3\t4\tv\n', "line 2: 'tab' expected after"),
    "a zero byte": (b"a,b,label\n1.5,2,u\x00\n2.5,3,u\n", "line 2: a zero byte"),
    "LIBSVM": (b"1 1:0.5 2:0.3\n-1 1:0.2 2:0.9\n", "LIBSVM"),
    "a missing value": (b"y,a,b\n0,1,2\n1,,3\n", "line 3, column 'a': nothing"),
    "a word": (b"y,a,b\n0,1,2\n1,2,red\n", "line 3, column 'b': 'red'"),
    "two decimal signs": (
        b"y;a\n0;1,5\n1;2,5\n0;2.5\n1;2,5\n",
        r"'2.5'. Expected a number .* \(the decimal sign is ','\)",
    ),
    "a number of thousands that begins with 0": (b"y;a\n0;1.5\n1;0,001\n0;2.5\n", "'0,001'"),
    "a number with an underscore": (b"y,a\n0,1_0\n1,2\n", "column 'a': '1_0'"),
    "a missing label": (b"y,a\n,1\n,1\n", "line 2, column 'y': no class name"),
    "a word for a missing label": (
        b"y,a\nu,1\nNA,1\n",
        "line 3, column 'y': 'NA'.*choose to leave out.*choose to keep",
    ),
    "a word for a missing value": (b"y,a\nu,1\nv,N/A\n", "line 3, column 'a': 'N/A'.*choose to leave out"),
    "a quote that never ends": (b'y,a\n0,"1\n1,2\n', "line"),
    "a class with a newline": (b'y,a\n"x\ny",1\n', r"class name 'x\\ny'"),
    "a class of 10,000 characters": (b"y,a\n" + b"x" * 10_000 + b",1\n", "10,000 characters"),
    "a column of 10,000 characters": (b"y," + b"x" * 10_000 + b"\n0,1\n", "10,000 characters"),
    "a label that is not there": (b"y,a\n0,1\n1,2\n", "no column 'nosuch'"),
    "no text": (b"y,a\n0,1\n\x02\xff\xfe", "neither text nor a format known here"),
    "half of a letter in utf-16": ("y,a\n0,1\n".encode("utf-16")[:-1], "bytes that are not UTF-16"),
    "an endless line": (lambda: b"y," + b"a" * 5_000_000, "more than 4,194,304 characters"),
    "a million classes": (
        lambda: b"y,a\n" + b"".join(b"%d,1\n" % i for i in range(10**6)),
        "1,001 different labels so far",
    ),
}
#: Cases of more than a megabyte, which a server whose limit that is refuses for their size.
LARGE = {"damaged far from the start", "a million classes", "an endless line"}


PNG = files.png(files.pictures(1)[0])
GOOD = {f"{'AB'[i % 2]}/{i}.png": files.png(picture) for i, picture in enumerate(files.pictures(6))}


def with_flag(data: bytes) -> bytes:
    """Set the bit that says a member is encrypted."""
    at = data.find(b"PK\x01\x02")
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


def nameless() -> bytes:
    """Take the name of an archive's one file away: its letter becomes an extra field."""
    data = files.zipped({"x": b""})
    at = data.find(b"PK\x01\x02")
    return data[: at + 28] + struct.pack("<HH", 0, 1) + data[at + 32 :]


def vast_png(side: int) -> bytes:
    """Make a PNG whose header promises a vast picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


ZIP_CASES: dict[str, tuple[Data, str]] = {
    "cut": (files.zipped(GOOD)[:-30], "no table of contents"),
    "cut in front": (files.zipped(GOOD)[300:], "gzip|no format|label|not UTF-8|IDX"),
    "empty": (files.zipped({}), "no PNG or JPEG"),
    "no folders": (files.zipped({"1.png": PNG, "2.png": PNG}), "none in a folder"),
    "one folder": (files.zipped({"A/1.png": PNG, "A/2.png": PNG}), "one class"),
    "no pictures": (files.zipped({"A/1.doc": b"x", "B/2.doc": b"x"}), "no PNG or JPEG but 2 .doc"),
    "pictures of other kinds": (files.zipped({"A/1.bmp": b"x", "B/2.bmp": b"x"}), "no PNG or JPEG but 2 .bmp"),
    "a text that was packed": (files.zipped({"train.csv": b"x"}), "a text was packed .'train.csv'.*Unpack it"),
    "an IDX pair that was packed": (
        files.zipped({"a-idx3-ubyte.gz": b"", "b-idx1-ubyte.gz": b""}),
        "an IDX file",
    ),
    "a workbook": (files.zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "an Excel workbook.*CSV UTF-8"),
    "nothing readable": (
        files.zipped(dict.fromkeys(GOOD, b"no picture")),
        r"6 of 6 can't be read \(6 x no PNG or",
    ),
    "mostly unreadable": (
        files.zipped(dict.fromkeys(list(GOOD)[:4], b"no") | {"A/a.png": PNG, "B/b.png": PNG}),
        "4 of 6",
    ),
    "vast pictures": (files.zipped(dict.fromkeys(GOOD, vast_png(60_000))), "60000 x 60000 pixels, at most 65,536"),
    "path upwards": (files.zipped(GOOD | {"../../A/1.png": PNG}), "leads out of the archive"),
    "absolute path": (files.zipped(GOOD | {"/etc/A/1.png": PNG}), "leads out of the archive"),
    "path of Windows upwards": (files.zipped(GOOD | {"..\\A\\1.png": PNG}), "leads out of the archive"),
    "drive": (files.zipped(GOOD | {"C:/A/1.png": PNG}), "leads out of the archive"),
    "a file without a name": (nameless(), "a path of 0 characters"),
    "encrypted": (with_flag(files.zipped(GOOD)), "an encrypted file"),
    "unusual packing": (files.zipped(GOOD, zipfile.ZIP_LZMA), "compression method 14"),
    "a folder with a newline": (files.zipped(GOOD | {"A\nB/1.png": PNG}), r"folder name 'A\\nB'"),
    "a folder of 10,000 characters": (files.zipped(GOOD | {"x" * 10_000 + "/1.png": PNG}), "10,006 characters"),
    "a folder of 1,000 characters": (files.zipped(GOOD | {"x" * 1_000 + "/1.png": PNG}), "1,000 characters"),
    "too many folders": (files.zipped({f"c{i}/1.png": PNG for i in range(1001)}), "1,001 folders"),
    "a zip bomb": (lambda: files.zipped({f"{'AB'[i]}/1.png": bytes(20_000_000) for i in range(2)}), "MiB packed into"),
    "one vast member": (lambda: files.zipped(GOOD | {"A/x.png": bytes(8_000_000)}), "at most 4.0 MiB a file"),
}


@contextmanager
def bounded(mib: float = 24) -> Iterator[None]:
    """Fail if more than this is allocated at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mib * MIB
    finally:
        tracemalloc.stop()
