"""Makes the pictures of this folder: fixed lessons at fixed stops, as SVG and PNG.

python screenshots/make.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import fontpkg_fira_code
import gradstep
import resvg_py

HERE = Path(__file__).parent
LESSONS = Path(gradstep.__file__).parent / "lessons"
PICTURES = {
    "overshoot": ("three_weights.py", ["space"] * 10, "120x36"),
    "forward": ("one_weight.py", ["space"], "120x36"),
    "backward": ("three_weights.py", ["space"] * 5, "120x36"),
    "chain": ("three_weights.py", ["space", "space", "x"], "120x36"),
    "node": ("three_weights.py", ["o"] * 6, "120x36"),
    "update": ("three_weights.py", ["space"] * 6, "120x36"),
    "source": ("three_weights.py", ["space"] * 10 + ["s"], "120x36"),
    "worlds": ("three_weights.py", ["e", "w", "left"], "120x36"),
    "small": ("three_weights.py", ["space"] * 10, "80x24"),
    "large": ("three_weights.py", ["space"] * 10, "200x60"),
}
"""Lesson, keys and size of each picture."""


def fonts() -> list[str]:
    """Files of Fira Code, in its weights."""
    folder = Path(fontpkg_fira_code.__file__).parent
    return [str(path) for path in sorted(folder.rglob("*.ttf"))]


def to_png(svg: str) -> bytes:
    """An SVG of Textual's as PNG; resvg takes fonts from files only."""
    local = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S).replace("font-family: arial", "font-family: Fira Code")
    return bytes(resvg_py.svg_to_bytes(svg_string=local, font_files=fonts(), zoom=1, skip_system_fonts=True))


def normalised(svg: str) -> str:
    """The same without the number that Textual draws anew for each picture."""
    return re.sub(r"terminal-\d+", "terminal-gradstep", svg)


def main() -> None:
    """Make them all, or those named on the command line."""
    for name in sys.argv[1:] or PICTURES:
        lesson, keys, size = PICTURES[name]
        svg = HERE / f"{name}.svg"
        command = [sys.executable, "-m", "gradstep.cli", "screenshot", "--seed", "1", "--size", size]
        subprocess.run([*command, "-k", " ".join(keys), "-o", str(svg), str(LESSONS / lesson)], check=True)
        text = normalised(svg.read_text(encoding="utf-8"))
        svg.write_text(text, encoding="utf-8")
        (HERE / f"{name}.png").write_bytes(to_png(text))


if __name__ == "__main__":
    main()
