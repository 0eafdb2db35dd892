"""Every sign that is drawn stands in the fonts that terminals are used with: none is a box there."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import fontpkg_fira_code
import fontpkg_jetbrains_mono
import gradstep
import pytest
from fontTools.ttLib import TTFont

PACKAGE = Path(gradstep.__file__).parent
ROOT = Path(__file__).parent.parent
SCREENS = sorted([*ROOT.glob("tests/app/__snapshots__/**/*.svg"), *ROOT.glob("screenshots/*.svg")])


def table(package: str | None) -> set[int]:
    """The characters of a font's own table; of several files those that all have."""
    files = [path for path in Path(package or "").parent.rglob("*.ttf") if "Italic" not in path.name]
    tables = [{code for code, glyph in TTFont(path).getBestCmap().items() if glyph != ".notdef"} for path in files]
    return set.intersection(*tables)


def characters(ranges: str) -> set[int]:
    """`a0-ff 343` as characters."""
    ends = (part.partition("-") for part in ranges.split())
    return {code for low, _, high in ends for code in range(int(low, 16), int(high or low, 16) + 1)}


DEJAVU = characters(
    "20-7e a0-ff 300-33f 384-38a 38e-3a1 3a3-3ce 2010-2023 2026 202f-2037 2039-203a 203c-203f 2070-2071 2074-208e "
    "2090-209c 2190-2213 2215 2217-2220 2223 2227-222d 2234-223d 2241-2269 226d-228b 228d-22a5 22c2-22c6 22cd-22d1 "
    "22da-22e9 22ef 2300-2306 2308-2315 2325-2328 239b-23ae 2500-262f 2701-2704 2706-2709 270c-2727 2794 2798-27af "
    "27e0 27e6-27eb"
)
"""DejaVu Sans Mono 2.37, the last there is, in the blocks that are used; its file comes with no small package."""
MENLO = characters(
    "20-7e a0-ff 300-33f 384-38a 38e-3a1 3a3-3ce 2010-2015 2017-2023 2026 202f-2037 2039-203a 203c-203e 2070-2071 "
    "2074-208e 2090-2094 2190-220d 220f 2211-2213 2215 2217-2220 2227-222d 2241-2269 226d-228b 228f-2292 2295-22a1 "
    "22c5-22c6 22cd 22da-22e9 22ef 2300-2306 2308-2315 2325-2328 239b-23ae 2500-262f 270c-2727 2794 2798-27af 27e8-27e9"
)
"""Menlo is not free; these are the characters of Meslo LG 1.2.1, which is Menlo with other distances between lines."""
FONTS = {
    "DejaVu Sans Mono": DEJAVU,
    "Fira Code": table(fontpkg_fira_code.__file__),
    "JetBrains Mono": table(fontpkg_jetbrains_mono.__file__),
    "Menlo": MENLO,
}


def missing(text: str) -> dict[str, list[str]]:
    """Sign -> the fonts that lack it."""
    found = {sign: [font for font, has in FONTS.items() if ord(sign) not in has] for sign in set(text) - {"\n", "\t"}}
    return {sign: fonts for sign, fonts in found.items() if fonts and sign.isprintable()}


def strings(source: str) -> str:
    """All that a module's strings hold, those that document aside."""
    tree = ast.parse(source)
    alone = {id(part.value) for part in ast.walk(tree) if isinstance(part, ast.Expr)}
    constants = (part for part in ast.walk(tree) if isinstance(part, ast.Constant) and id(part) not in alone)
    return "".join(part.value for part in constants if isinstance(part.value, str))


@pytest.mark.parametrize(
    "room", sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] != "_")
)
def test_strings_hold_only_signs_that_every_font_has(room: str) -> None:
    modules = sorted((PACKAGE / room).rglob("*.py"))
    read = str if room == "lessons" else strings
    found = {str(path.relative_to(PACKAGE)): missing(read(path.read_text(encoding="utf-8"))) for path in modules}
    assert {module: signs for module, signs in found.items() if signs} == {}


def test_pictures_hold_only_signs_that_every_font_has() -> None:
    drawn = {path: re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8")) for path in SCREENS}
    assert len(drawn) > 50
    found = {path.name: missing(html.unescape("".join(texts))) for path, texts in drawn.items()}
    assert {picture: signs for picture, signs in found.items() if signs} == {}


def test_what_is_missing_is_seen() -> None:
    assert set(missing("ᵀ")["ᵀ"]) >= {"Fira Code", "JetBrains Mono"}
    assert missing("‖⊙x") == {"‖": ["JetBrains Mono", "Menlo"], "⊙": ["Fira Code", "JetBrains Mono"]}
    assert missing("δ @ W.T · 2² ╭─╮ ●\n") == {}
    assert set(missing("⣀")["⣀"]) == set(FONTS)
    assert strings('"""ᵀ"""\nx = "a"\n"""⋆"""\nprint(f"{x}b")') == "ab"
