"""Figures as SVG text: inline in the page, and as files.

Text stays text, so that it can be searched.

matplotlib writes the SVG. It has no option to leave out its preamble, metadata and ids of groups,
to keep the ids of two figures apart in one page, or to name colours of a style sheet, and no
library of the environment has: `_tidy` and `_for_page` therefore change its text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.report.figures.style import PAGE_COLOURS, STYLE

Draw = Callable[..., None]


class Gallery:
    """Figures of one report by name, drawn once and used twice."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}

    def draw(self, name: str, size: tuple[float, float], draw: Draw, *arguments: Any) -> Markup:
        """Draw a figure of the size (inches) and return it as it stands in the page.

        Parameters
        ----------
        name : str
            Of the file, without its ending.
        draw : callable
            Gets the empty figure and the arguments.
        """
        with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
            figure = Figure(figsize=size, layout="constrained")
            draw(figure, *arguments)
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
        self.images[name] = _tidy(text.getvalue(), name)
        return _for_page(self.images[name], size[0], name.replace("_", " "))

    def write(self, folder: Path) -> None:
        """Write every figure as `{name}.svg`, on white, and remove older ones."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.svg"):
            if old.stem not in self.images:
                old.unlink()
        for name in self.images:
            self.write_one(name, folder / f"{name}.svg")

    def write_one(self, name: str, path: Path) -> None:
        """Write a figure that was drawn to an SVG file, on white."""
        on_white = re.sub(
            r"(<svg [^>]*>)",
            r'\1<rect width="100%" height="100%" fill="#fff"/>',
            self.images[name],
            count=1,
        )
        with atomic_path(path) as temporary:
            temporary.write_text(on_white, encoding="utf-8")


def _tidy(image: str, name: str) -> str:
    """Leave out the preamble, metadata and ids of groups; make the other ids the figure's own."""
    image = image[image.index("<svg") :]
    image = re.sub(r"<metadata>.*?</metadata>", "", image, flags=re.DOTALL)
    image = re.sub(r"<!--.*?-->", "", image, flags=re.DOTALL)
    image = re.sub(r'<g id="[^"]*"', "<g", image)
    image = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", image)
    return re.sub(r"\n\s*\n+", "\n", image).strip() + "\n"


def _for_page(image: str, inches: float, label: str) -> Markup:
    """Inline form: as wide as its column up to 1.4 times its size, in the page's ink."""
    for own, page in PAGE_COLOURS.items():
        image = image.replace(own, page)
    size = f'style="width:100%;max-width:{inches * 96 * 1.4:.0f}px" role="img" aria-label="{label}"'
    return Markup(re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', size, image, count=1))
