"""Pictures of other programs are read with their intended pixels and classes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synrl_core.datasets import Choices, DatasetError, RawDataset
from synrl_core.datasets.readers import npz, read
from tests.core.datasets import files
from tests.core.datasets.meant import INFO, said


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


def test_exif_that_is_damaged_turns_nothing() -> None:
    coded = []
    for one in files.pictures():
        data = files.png(one)
        body = b"II*\x00\xff\xff\xff\xff"
        chunk = struct.pack(">I", len(body)) + b"eXIf" + body + struct.pack(">I", zlib.crc32(b"eXIf" + body))
        coded.append(data[:33] + chunk + data[33:])
    assert len(of_zip(folders(coded)).labels) == 12


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
