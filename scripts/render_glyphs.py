"""Render the data set `glyphs`: letters A to J from free typefaces, 28 x 28 pixels in 256 shades of grey.

Run by hand, on Debian, with the dependency group ``glyphs`` installed, when the choice of typefaces or the rendering
changes:

    python scripts/render_glyphs.py DIRECTORY

DIRECTORY receives the Debian packages listed below (``apt-get download``; nothing is installed) and their contents; a
second run uses what is there. The results go to synrl_core/datasets/: ``glyphs.npz`` with the pictures, and
``glyphs_fonts.json`` with each typeface's name, package, version and licence.

What is done to a typeface, a letter at a time: draw it large, crop to its ink, scale it into a box of 24 x 24 keeping
its proportions, and put it in the middle of 28 x 28, ink white on black. A style (bold, italic ...) is left out if a
letter is missing, blank, nearly full, or drawn as the same shape as another letter; a picture is left out if it is
nearly one that the same letter already has from another style or typeface. What stays is then turned, slanted, widened,
scaled and shifted a little, each picture in its own way: upright and centred letters would be too easy.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont, TTLibError
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

OUTPUT = Path(__file__).resolve().parent.parent / "synrl_core" / "datasets"
LETTERS = "ABCDEFGHIJ"
SIDE, BOX, DRAWN = 28, 24, 160
#: Two pictures of a letter whose correlation is above this are one.
SAME = 0.975
#: Pictures kept of one typeface and letter at most, so that large families don't outweigh the others.
STYLES = 6
#: How much a picture is varied: degrees, slant, logarithm of the width, shares of the room left, longer side in pixels.
TURN, SLANT, WIDEN, SHIFT, SIZES = 8.0, 0.15, 0.15, 0.25, (20.0, 26.0)

# Each package's own copyright file was read for this table; `_check_licence` reads it again when rendering. All of
# these licences let a picture of letters be passed on under any terms; packages whose fonts are under the plain GPL or
# LGPL (no font exception), CC-BY, CC-BY-SA or a licence of their own are not here.
PACKAGES: dict[str, tuple[str, str]] = {
    licence: (pattern, packages)
    for licence, pattern, packages in (
        (
            "OFL-1.1",
            r"OFL|Open Font License",
            "allerta amiga anonymous-pro apropal arapey averia-gwf averia-sans-gwf averia-serif-gwf b612 "
            "babelstone-modern bajaderka bebas-neue blankenburg breip bwht cabin cabinsketch cantarell cardo "
            "century-catalogue cherrybomb cmu comfortaa comic-neue compagnon courier-prime croscore crosextra-carlito "
            "dancingscript dkg-handwriting dosis dotgothic16 ebgaramond ecolier-court elstob essays1743 eurofurence "
            "fantasque-sans ferrite-core firacode gamaliel gemunu-libre georgewilliams gfs-artemisia gfs-didot "
            "gfs-neohellenic gnutypewriter gotico-antiqua havana hermit humor-sans inconsolata inter joscelyn "
            "junction junicode jura karla karmilla kaushanscript klaudia-berenika klee kristi lato le-murmure "
            "league-mono league-spartan leckerli-one lemonada levien-museum levien-typoscript linuxlibertine lobster "
            "lobstertwo manrope millimetre monofur monoid mononoki mplus nanum nanum-extra national-park noto-core "
            "okolaks oldstandard opendin play quattrocento quicksand radisnoir rampart reggae rocknroll routed-gothic "
            "sawarabi-mincho sil-andika sil-charis sil-doulos sil-gentium sil-gentiumplus sixtyfour smc-chilanka "
            "smc-gayathri smc-manjari smiley-sans solide-mirage sora stick stix tomsontalks train triod-postnaja "
            "ubuntu-title vollkorn woowa-bm yanone-kaffeesatz yrsa-rasa yusei-magic",
        ),
        (
            "Apache-2.0",
            r"Apache",
            "clear-sans crosextra-caladea jetbrains-mono motoya-l-cedar open-sans roboto-slab roboto-unhinted",
        ),
        ("MIT", r"MIT", "agave fanwood lindenhill roadgeek"),
        ("BSD-3-Clause", r"BSD", "3270 go"),
        ("Bitstream-Vera", r"[Bb]itstream-?\s?[Vv]era", "dejavu-core dejavu-extra hack tlwg-waree-otf"),
        ("GUST-Font-License", r"GUST", "lmodern texgyre"),
        ("public domain", r"(?i)public.domain|unlicense|CC0", "fantasma glasstty goudybookletter prociono tuffy"),
        (
            "GPL-2.0-or-later with font exception",
            r"(?i)FE\b|font[- _]exception|exception",
            "adf-accanthis adf-baskervald adf-berenis adf-gillius adf-ikarius adf-irianis adf-libris adf-mekanus "
            "adf-oldania adf-romande adf-solothurn adf-switzera adf-tribun adf-universalis adf-verana sjfonts "
            "tlwg-garuda-otf tlwg-kinnari-otf tlwg-loma-otf tlwg-norasi-otf tlwg-purisa-otf tlwg-sawasdee-otf "
            "tlwg-typist-otf tlwg-typo-otf tlwg-umpush-otf",
        ),
        ("GPL-3.0-or-later with font exception", r"(?i)font[- _]?exception", "freefont-otf rufscript tiresias"),
    )
}

#: Words of a font's name that tell a style of a typeface from another one.
_STYLE_WORDS = re.compile(
    r"\b(regular|book|roman|normal|text|display|caption|subhead|bold|demi|semi ?bold|extra ?bold|ultra ?bold|black|"
    r"heavy|ultra|extra ?light|ultra ?light|light|thin|hairline|medium|italic|oblique|slanted|condensed|cond|narrow|"
    r"semi|extra|expanded|extended|wide|compact|standard|std|adf|otf|ttf|no ?\d+|\d+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Style:
    """One font file, or one face of it, with the typeface that it belongs to."""

    path: Path
    family: str
    name: str
    package: str
    version: str
    licence: str


def main() -> None:
    """Fetch, draw, select, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("directory", type=Path, help="where the Debian packages are kept")
    directory: Path = parser.parse_args().directory
    styles = list(find_styles(directory))
    pictures, letters, chosen = select(styles)
    families = sorted({style.family for style in chosen})
    typefaces = np.array([families.index(style.family) for style in chosen], dtype=np.uint16)
    np.savez_compressed(OUTPUT / "glyphs.npz", images=pictures, labels=letters, typefaces=typefaces)
    write_fonts(families, chosen)
    size = (OUTPUT / "glyphs.npz").stat().st_size
    sys.stdout.write(f"{len(pictures)} pictures of {len(families)} typefaces, {size / 2**20:.2f} MiB\n")


def find_styles(directory: Path) -> Iterator[Style]:
    """Fetch and unpack each package, check its licence, and name each font file in it."""
    directory.mkdir(parents=True, exist_ok=True)
    for licence, (pattern, packages) in PACKAGES.items():
        for short in packages.split():
            package = f"fonts-{short}"
            archive = _fetch(directory, package)
            unpacked = directory / archive.stem
            if not unpacked.exists():
                subprocess.run(["dpkg-deb", "-x", str(archive), str(unpacked)], check=True)
            _check_licence(unpacked / "usr/share/doc" / package / "copyright", pattern)
            version = archive.stem.split("_")[1].replace("%3a", ":")
            for path in sorted(unpacked.rglob("*")):
                if path.suffix.lower() in {".ttf", ".otf"} and not path.is_symlink():
                    named = _names(path)
                    if named is not None:
                        yield Style(path, *named, package, version, licence)


def _fetch(directory: Path, package: str) -> Path:
    if not (found := sorted(directory.glob(f"{package}_*.deb"))):
        subprocess.run(["apt-get", "download", package], cwd=directory, check=True, stdout=subprocess.DEVNULL)
        found = sorted(directory.glob(f"{package}_*.deb"))
    return found[-1]


def _check_licence(copyright_file: Path, pattern: str) -> None:
    if not re.search(pattern, copyright_file.read_text(encoding="utf-8", errors="replace")):
        raise SystemExit(f"{copyright_file}: expected a licence that matches {pattern!r}; read it and mend PACKAGES")


def _names(path: Path) -> tuple[str, str] | None:
    """Return (typeface, full name), or None where the font can't be read or has not all the letters."""
    try:
        with TTFont(path, lazy=True) as font:
            table = font["name"]
            full = table.getDebugName(4) or path.stem
            family = table.getDebugName(16) or table.getDebugName(1) or path.stem
            if not {ord(letter) for letter in LETTERS} <= set(font.getBestCmap() or {}):
                return None
    except (TTLibError, KeyError, AssertionError, UnicodeDecodeError):
        return None
    if family.startswith("Noto ") and not re.fullmatch(r"Noto (Sans|Serif)( Display| Mono)?", family):
        return None  # the other scripts' fonts repeat these letters
    stripped = " ".join(_STYLE_WORDS.sub(" ", family).replace("-", " ").split())
    return (stripped or family), full


def draw(style: Style) -> tuple[list[Image.Image], NDArray[np.uint8]] | None:
    """Draw the ten letters, large and as (10, 28, 28) pixels, or return None where they can't be letters."""
    try:
        font = ImageFont.truetype(str(style.path), DRAWN)
        drawn = [_ink(font, letter) for letter in LETTERS]
    except (OSError, ValueError):
        return None
    large = [picture for picture in drawn if picture is not None]
    if len(large) < len(LETTERS):
        return None
    sheet = np.stack([_fit(picture, BOX, (0.5, 0.5)) for picture in large])
    filled = sheet.reshape(len(LETTERS), -1).mean(axis=1) / 255
    if filled.min() < 0.02 or filled.max() > 0.65:
        return None  # blank, or white on black
    alike = np.array(np.corrcoef(sheet.reshape(len(LETTERS), -1).astype(np.float32)))
    np.fill_diagonal(alike, 0.0)
    return None if alike.max() > SAME else (large, sheet)  # a box, a dot or another sign in place of each letter


def _ink(font: ImageFont.FreeTypeFont, letter: str) -> Image.Image | None:
    """Draw a letter large and crop it to its ink."""
    canvas = Image.new("L", (4 * DRAWN, 4 * DRAWN))
    ImageDraw.Draw(canvas).text((DRAWN, DRAWN), letter, font=font, fill=255)
    ink = canvas.getbbox()
    return canvas.crop(ink) if ink else None


def _fit(picture: Image.Image, box: float, place: tuple[float, float]) -> NDArray[np.uint8]:
    """Scale a picture into a box and put it at a share of the room that is left: 0.5 is the middle."""
    scale = box / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    framed = Image.new("L", (SIDE, SIDE))
    small = picture.resize((width, height), Image.Resampling.BOX)
    framed.paste(small, (round((SIDE - width) * place[0]), round((SIDE - height) * place[1])))
    return np.asarray(framed, dtype=np.uint8)


def vary(picture: Image.Image, seed: str) -> NDArray[np.uint8]:
    """Turn, slant, widen, scale and shift a letter a little, always the same way for the same seed."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    turn, slant = np.radians(rng.uniform(-TURN, TURN)), rng.uniform(-SLANT, SLANT)
    wide = np.exp(rng.uniform(-WIDEN, WIDEN))
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    inverse = np.linalg.inv(rotate @ np.array([[wide, slant], [0.0, 1.0]]))
    side = 3 * max(picture.size)
    offset = np.array(picture.size) / 2 - inverse @ np.array([side / 2, side / 2])
    affine = (*inverse[0], offset[0], *inverse[1], offset[1])
    moved = picture.transform((side, side), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
    place = tuple(0.5 + rng.uniform(-SHIFT, SHIFT, 2))
    return _fit(moved.crop(moved.getbbox()), rng.uniform(*SIZES), (place[0], place[1]))


def select(styles: list[Style]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[Style]]:
    """Draw all styles and drop near copies, a letter at a time; regular styles come first and so stay."""
    styles = sorted(styles, key=lambda style: (not style.name.endswith(("Regular", "Book", "Medium")), style.name))
    sheets = [(style, *drawn) for style in styles if (drawn := draw(style)) is not None]
    chosen: list[tuple[Style, int, NDArray[np.uint8]]] = []
    for index in range(len(LETTERS)):
        kept = np.zeros((0, SIDE * SIDE), dtype=np.float32)
        count: Counter[str] = Counter()
        for style, large, sheet in sheets:
            vector = sheet[index].reshape(-1).astype(np.float32)
            vector -= vector.mean()
            vector /= np.linalg.norm(vector)
            if count[style.family] < STYLES and (not len(kept) or float((kept @ vector).max()) < SAME):
                kept = np.vstack([kept, vector])
                count[style.family] += 1
                chosen.append((style, index, vary(large[index], f"{style.name} {LETTERS[index]}")))
    chosen.sort(key=lambda one: (one[0].family, one[0].name, one[1]))
    pictures = np.stack([picture for *_, picture in chosen])
    return pictures, np.array([index for _, index, _ in chosen], dtype=np.uint8), [style for style, *_ in chosen]


def write_fonts(families: list[str], chosen: list[Style]) -> None:
    """Record where each typeface comes from, in the order of the `typefaces` array."""
    records = []
    for family in families:
        of_family = [style for style in chosen if style.family == family]
        sources = sorted({(style.package, style.version, style.licence) for style in of_family})
        records.append(
            {
                "typeface": family,
                "pictures": len(of_family),
                "sources": [
                    {"debian_package": package, "version": version, "licence": licence}
                    for package, version, licence in sources
                ],
            }
        )
    text = json.dumps({"letters": LETTERS, "typefaces": records}, indent=1, ensure_ascii=False)
    (OUTPUT / "glyphs_fonts.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
