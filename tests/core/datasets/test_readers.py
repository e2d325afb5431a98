"""Good files of each format give their samples back, whatever way they are packed."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synrl_core.datasets import DatasetInfo, split
from synrl_core.datasets.labels import is_missing, tidy, value_of
from synrl_core.datasets.preview import preview
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.readers import idx, npz, picture_zip, read, table
from tests.core.datasets import files
from tests.examples import examples

INFO = DatasetInfo(name="mine", title="Mine", description="", licence="", source="")

NOTMNIST = Path(os.environ.get("SYNRL_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "notmnist"


def assert_holds(raw: RawDataset, images: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> None:
    assert raw.values.dtype == np.uint8
    assert raw.sample_shape == images.shape[1:]
    np.testing.assert_array_equal(raw.values.reshape(images.shape), images)
    np.testing.assert_array_equal([int(raw.class_names[label]) for label in raw.labels], labels)


class TestIdx:
    @pytest.mark.parametrize("pack", [bytes, files.gz])
    @pytest.mark.parametrize("turned", [False, True])
    def test_a_pair_is_read_plain_or_gzipped_in_either_order(self, pack: Any, turned: bool) -> None:
        images, labels = files.pictures(), files.labels()
        pair = [files.opened(pack(files.idx(images))), files.opened(pack(files.idx(labels)))]
        assert_holds(read(pair[::-1] if turned else pair), images, labels)

    @pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "emnist-letters-test-images-idx3-ubyte"])
    def test_labels_beside_the_pictures_are_found(self, tmp_path: Path, name: str) -> None:
        images, labels = files.pictures(), files.labels()
        pack = files.gz if name.endswith(".gz") else bytes
        (tmp_path / name).write_bytes(pack(files.idx(images)))
        (tmp_path / name.replace("images-idx3", "labels-idx1")).write_bytes(pack(files.idx(labels)))
        assert_holds(read(tmp_path / name), images, labels)
        assert_holds(read(str(tmp_path)), images, labels)

    @given(
        hnp.arrays(
            st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8"]).map(np.dtype),
            hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6).map(lambda shape: (6, *shape[1:])),
            fill=st.nothing(),
        ).filter(lambda array: bool((np.abs(array.astype(np.float64)) <= 1e30).all() and (array != array[0]).any()))
    )
    @settings(max_examples=examples(60), deadline=None)
    def test_every_type_of_number_comes_back(self, values: np.ndarray[Any, Any]) -> None:
        raw = idx.read(files.opened(files.idx(values)), files.opened(files.idx(files.labels(6))))
        np.testing.assert_array_equal(raw.values, values.reshape(6, -1).astype(np.float32))

    def test_labels_that_leave_numbers_out_keep_their_names(self) -> None:
        labels = np.array([3, 26, 3, 26, 7, 7], dtype=np.uint8)
        raw = idx.read(files.opened(files.idx(files.pictures(6))), files.opened(files.idx(labels)))
        assert raw.class_names == ("3", "7", "26")
        np.testing.assert_array_equal(raw.labels, [0, 2, 0, 2, 1, 1])

    def test_classes_can_be_named_anew(self) -> None:
        raw = idx.read(files.opened(files.idx(files.pictures())), files.opened(files.idx(files.labels())))
        assert raw.with_class_names("ABC").class_names == ("A", "B", "C")
        for wrong in ("AB", "AAB"):
            with pytest.raises(ValueError, match="3 classes need as many different names"):
                raw.with_class_names(wrong)


class TestNpz:
    @pytest.mark.parametrize(("x", "y"), npz.KEYS)
    def test_the_usual_names_are_known(self, x: str, y: str) -> None:
        images, labels = files.pictures(), files.labels()
        assert_holds(read(files.opened(files.npz(**{x: images, y: labels}))), images, labels)

    def test_samples_last_are_turned_and_it_says_so(self) -> None:
        images, labels = files.pictures(), files.labels()
        raw = npz.read(files.opened(files.npz(images=np.moveaxis(images, 0, -1), labels=labels)))
        assert_holds(raw, images, labels)
        assert "last axis" in raw.remarks[0]

    @pytest.mark.parametrize(
        "change",
        [
            lambda images: np.asfortranarray(images),
            lambda images: images[..., None],
            lambda images: images[:, None],
            lambda images: images.reshape(len(images), -1),
            lambda images: images.reshape(len(images), -1).astype(np.int64),
            lambda images: images.reshape(len(images), -1).T.astype(float),
        ],
    )
    def test_other_layouts_of_the_same_pictures_are_the_same(self, change: Any) -> None:
        images, labels = files.pictures(), files.labels()
        assert_holds(read(files.opened(files.npz(images=change(images), labels=labels))), images, labels)

    @pytest.mark.parametrize(
        "change",
        [
            lambda labels: labels.astype(float),
            lambda labels: labels[:, None],
            lambda labels: labels.astype(str),
            lambda labels: labels.astype("S"),
            lambda labels: np.eye(3)[labels],
            lambda labels: np.eye(3)[labels].T,
        ],
    )
    def test_other_forms_of_the_same_labels_are_the_same(self, change: Any) -> None:
        images, labels = files.pictures(), files.labels()
        assert_holds(read(files.opened(files.npz(images=images, labels=change(labels)))), images, labels)

    def test_compressed_archives_are_read(self, tmp_path: Path) -> None:
        images, labels = files.pictures(), files.labels()
        np.savez_compressed(tmp_path / "a.npz", images=images, labels=labels, others=np.zeros(3))
        raw = read(tmp_path / "a.npz")
        assert_holds(raw, images, labels)
        assert "'others'" in raw.remarks[0]

    @pytest.mark.parametrize(("brightest", "divisor"), [(1.0, 1), (16, 16), (255, 255)])
    def test_pixels_are_brought_to_one_and_the_preview_says_how(self, brightest: float, divisor: int) -> None:
        images = files.pictures().astype(np.float64) / 255 * brightest
        raw = npz.read(files.opened(files.npz(images=images, labels=files.labels())))
        features = raw.dataset(INFO).features
        assert features.min() == 0.0
        assert features.max() == 1.0
        assert divisor == 1 or f"divided by {divisor}" in preview(raw).scaling

    def test_pixels_of_no_usual_range_are_stretched(self) -> None:
        images = files.pictures().astype(np.int64) * 100 - 500
        features = npz.read(files.opened(files.npz(images=images, labels=files.labels()))).dataset(INFO).features
        assert (features.min(), features.max()) == (0.0, 1.0)


class TestTable:
    TEXT = "length,species,width\n1.5,b,2\n2.5,a,4\n3.5,b,6\n4.5,a,8\n"

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("start", ["", "\ufeff"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_the_usual_ways_to_write_a_csv_are_the_same(self, delimiter: str, start: str, end: str) -> None:
        text = (start + self.TEXT).replace(",", delimiter).replace("\n", end)
        raw = read(files.opened(text.encode()))
        np.testing.assert_array_equal(raw.values, [[1.5, 2], [2.5, 4], [3.5, 6], [4.5, 8]])
        assert raw.class_names == ("a", "b")
        np.testing.assert_array_equal(raw.labels, [1, 0, 1, 0])
        assert raw.feature_names == ("length", "width")

    def test_columns_can_be_asked_for_and_one_chosen(self) -> None:
        text = "x,kind,label\n1,0,5\n2,1,6\n3,0,7\n4,1,8\n"
        assert table.columns(files.opened(text.encode())) == ("x", "kind", "label")
        assert table.read(files.opened(text.encode()), "kind").feature_names == ("x", "label")

    def test_columns_are_standardised_and_constant_ones_become_zero(self) -> None:
        text = "y,a,b\n" + "".join(f"{i % 2},{i * 1000},7\n" for i in range(10))
        raw = table.read(files.opened(text.encode()))
        data = raw.dataset(INFO)
        parts = split(data, 0.25, 0)
        features = data.inputs(parts).of(parts.train)
        np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(features.std(axis=0), [1, 0], atol=1e-6)
        assert "1 of 2 columns never change" in raw.scaling.description

    def test_numbers_are_ordered_by_value_and_words_by_alphabet(self) -> None:
        def classes(*words: str) -> tuple[str, ...]:
            rows = "".join(f"{word},{i}\n" for i, word in enumerate(words * 2))
            return table.read(files.opened(f"y,x\n{rows}".encode())).class_names

        assert classes("10", "9", "-1") == ("-1", "9", "10")
        assert classes("ten", "9", "10") == ("10", "9", "ten")

    def test_mnist_as_csv_becomes_pictures(self) -> None:
        images, labels = files.pictures(), files.labels()
        header = ",".join(["label", *(f"pixel{i}" for i in range(81))])
        rows = [",".join(map(str, [label, *image.ravel()])) for label, image in zip(labels, images, strict=True)]
        raw = read(files.opened("\n".join([header, *rows, "", ""]).encode()))
        assert_holds(raw, images, labels)
        assert "9 x 9 pixels" in raw.remarks[0]

    @given(
        values=hnp.arrays(np.float32, (6, 3), elements=st.floats(-(2.0**60), 2.0**60, width=32)),
        words=st.lists(
            st.text(min_size=1, max_size=20).filter(
                lambda word: (
                    word == tidy(word) and word.isprintable() and not is_missing(word) and value_of(word) is None
                )
            ),
            min_size=2, max_size=3, unique=True,
        ),
    )  # fmt: skip
    @settings(max_examples=examples(80), deadline=None)
    def test_any_numbers_and_any_printable_names_come_back(self, values: Any, words: list[str]) -> None:
        import csv
        import io

        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["first", "label", "second", "third"])
        for i, (a, b, c) in enumerate(values):
            writer.writerow([repr(float(a)), words[i % len(words)], repr(float(b)), repr(float(c))])
        raw = read(files.opened(text.getvalue().encode()))
        np.testing.assert_array_equal(raw.values, values)
        assert [raw.class_names[label] for label in raw.labels] == [words[i % len(words)] for i in range(6)]

    @given(
        table_of=hnp.arrays(np.int64, st.tuples(st.integers(4, 8), st.integers(2, 5)), elements=st.integers(0, 300)),
        label=st.integers(0, 1),
        end=st.sampled_from(["\n", "\r\n"]),
        last=st.booleans(),
    )
    @settings(max_examples=examples(80), deadline=None)
    def test_whole_numbers_are_read_quickly_and_no_differently(
        self, table_of: Any, label: int, end: str, last: bool
    ) -> None:
        table_of[:, label] = np.arange(len(table_of)) % 2 * 11
        names = [f"c{i}" for i in range(table_of.shape[1])]
        lines = [",".join(names), *(",".join(map(str, row)) for row in table_of)]
        plain = end.join(lines) + (end if last else "")
        quoted = plain.replace(names[0], f'"{names[0]}"').replace(lines[1], '"' + lines[1].replace(",", '",', 1), 1)
        quick, slow = (table.read(files.opened(text.encode()), f"c{label}") for text in (plain, quoted))
        assert quick.content_hash == slow.content_hash
        np.testing.assert_array_equal(quick.values, np.delete(table_of, label, axis=1))

    def test_labels_with_zeros_in_front_are_words(self) -> None:
        raw = table.read(files.opened(b"y,x\n007,1\n7,2\n007,3\n7,4\n"))
        assert set(raw.class_names) == {"007", "7"}


class TestPictureZip:
    def zip(self, top: str = "", more: dict[str, bytes] | None = None) -> tuple[bytes, Any]:
        images = files.pictures()
        members = {f"{top}{'ABC'[i % 3]}/{i}.png": files.png(image) for i, image in enumerate(images)}
        return files.zipped(members | (more or {})), images

    @pytest.mark.parametrize("top", ["", "notMNIST_small/", "deep/er/"])
    def test_the_folder_is_the_class_however_deep(self, top: str) -> None:
        data, images = self.zip(top)
        raw = read(files.opened(data))
        assert raw.class_names == ("A", "B", "C")
        np.testing.assert_array_equal(raw.labels, files.labels())
        np.testing.assert_array_equal(raw.values.reshape(images.shape), images)

    def test_unreadable_pictures_are_left_out_counted_and_named(self) -> None:
        broken = {
            "A/empty.png": b"",
            "A/text.png": b"not a picture",
            "B/cut.png": files.png(files.pictures(1)[0])[:60],
            "C/large.png": files.png(files.pictures(1, side=20)[0]),
            "C/notes.txt": b"hello",
            "__MACOSX/A/._1.png": b"clutter",
            "A/.DS_Store": b"clutter",
        }
        data, images = self.zip(more=broken)
        raw = picture_zip.read(files.opened(data))
        assert len(raw.labels) == len(images)
        assert raw.remarks[0].startswith("1 file that is not named .png")
        assert raw.remarks[1].startswith("4 of 16 pictures can't be read")
        assert "'empty.png': no PNG" in raw.remarks[1]
        assert "20 x 20 pixels where the first has 9 x 9" in raw.remarks[1]

    @pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
    def test_colour_modes_become_grey(self, mode: str) -> None:
        images = files.pictures()
        members = {f"{'AB'[i % 2]}/{i}.png": files.png(image, mode) for i, image in enumerate(images)}
        raw = picture_zip.read(files.opened(files.zipped(members)))
        np.testing.assert_allclose(raw.values.reshape(images.shape), images, atol=1)

    def test_sixteen_bits_become_eight(self) -> None:
        images = files.pictures()
        members = {f"{'AB'[i % 2]}/{i}.png": files.png(image.astype(np.uint16) * 257) for i, image in enumerate(images)}
        raw = picture_zip.read(files.opened(files.zipped(members)))
        np.testing.assert_array_equal(raw.values.reshape(images.shape), images)

    def test_names_with_quotes_and_emoji_are_kept(self) -> None:
        names = ['it\'s "A"', "🦊 fox"]
        members = {f"{names[i % 2]}/{i}.png": files.png(image) for i, image in enumerate(files.pictures())}
        assert set(read(files.opened(files.zipped(members))).class_names) == set(names)

    def test_stored_archives_are_read(self) -> None:
        members = {f"{'AB'[i % 2]}/{i}.PNG": files.png(image) for i, image in enumerate(files.pictures())}
        assert len(read(files.opened(files.zipped(members, zipfile.ZIP_STORED))).labels) == 12


class TestPreview:
    def test_shows_the_first_of_each_class_as_pictures(self) -> None:
        images, labels = files.pictures(), files.labels()
        shown = preview(npz.read(files.opened(files.npz(images=images, labels=labels))), columns=5)
        assert (shown.samples, shown.sample_shape) == (12, (9, 9))
        assert [(one.name, one.samples) for one in shown.classes] == [("0", 4), ("1", 4), ("2", 4)]
        assert shown.pictures is not None
        np.testing.assert_array_equal(shown.pictures[1, :4], images[labels == 1])
        assert not shown.pictures[1, 4].any()

    def test_shows_rows_of_a_table_unscaled(self) -> None:
        shown = preview(table.read(files.opened(TestTable.TEXT.encode())), columns=3)
        assert shown.pictures is None
        assert shown.rows is not None
        assert shown.feature_names == ("length", "width")
        np.testing.assert_array_equal(shown.rows[0], [[2.5, 4], [4.5, 8], [np.nan, np.nan]])

    def test_stays_small_for_many_classes_and_columns(self) -> None:
        raw = npz.read(files.opened(files.npz(X=np.random.default_rng(0).random((600, 1000)), y=np.arange(600) // 2)))
        shown = preview(raw)
        assert len(shown.classes) == 300
        assert shown.rows is not None
        assert shown.rows.shape == (20, 8, 64)


@pytest.mark.skipif(not NOTMNIST.is_dir(), reason=f"notMNIST's files are not at {NOTMNIST}; set SYNRL_TEST_DATA")
def test_notmnist_is_read_and_splits_the_same_way_each_time() -> None:
    first, second = (read(NOTMNIST) for _ in range(2))
    assert first.values.shape == (10_000, 784)
    assert first.sample_shape == (28, 28)
    np.testing.assert_array_equal(np.bincount(first.labels), np.full(10, 1000))
    assert first.content_hash == second.content_hash
    parts = [split(raw.with_class_names("ABCDEFGHIJ").dataset(INFO), 0.25, 7) for raw in (first, second)]
    np.testing.assert_array_equal(parts[0].validation, parts[1].validation)
    assert len(parts[0].validation) == 2500
