"""The rooms and the imports between them, drawn as an SVG file."""

from __future__ import annotations

import io
from itertools import pairwise

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

BOX, HEIGHT, LEVEL, SPACE = 1.5, 0.36, 0.86, 0.3
"""Width and height of a box, distance of levels and free space beside a box, in inches."""
COLOURS = ("#1b6f6a", "#b4511e", "#4c5fa8", "#8a2f5e", "#5d7a1f", "#7a5aa6")
Graph = dict[str, set[str]]
Place = tuple[float, float]
Node = tuple[str, ...]
"""A box (its name), or where a long arrow passes a level (its start, its end, the level)."""


def drawing(graph: Graph) -> str:
    """SVG of a graph without cycles: each name stands below everything that it imports."""
    places = _places(graph)
    right = max(abs(x) for x, _ in places.values()) + BOX / 2 + SPACE / 2
    low = min(y for _, y in places.values()) - HEIGHT
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "qm7bench"}):
        figure = Figure(figsize=(2 * right, HEIGHT - low))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-right, right), ylim=(low, HEIGHT))
        axes.axis("off")
        for number, name in enumerate(graph):
            for target in sorted(graph[name]):
                nodes = [(name,), *_passed(graph, name, target), (target,)]
                _arrow(axes, [places[n] for n in nodes], COLOURS[number % len(COLOURS)])
        for name in graph:
            _box(axes, name, places[(name,)])
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _places(graph: Graph) -> dict[Node, Place]:
    """Centre of every node, in inches; within a level in the order of what they lead to."""
    levels: dict[int, dict[Node, list[Node]]] = {}
    for name, targets in graph.items():
        levels.setdefault(_level(graph, name), {})[(name,)] = []
        for target in sorted(targets):
            way = [(name,), *_passed(graph, name, target), (target,)]
            for node, following in pairwise(way):
                level = int(node[2]) if len(node) == 3 else _level(graph, name)
                levels.setdefault(level, {}).setdefault(node, []).append(following)
    places: dict[Node, Place] = {}
    for level in sorted(levels):
        leads_to = levels[level]
        means = {
            node: sum(places[t][0] for t in ends) / max(len(ends), 1)
            for node, ends in leads_to.items()
        }
        nodes = sorted(leads_to, key=lambda node: means[node])
        widths = [BOX if len(node) == 1 else 0.0 for node in nodes]
        x = -(sum(widths) + SPACE * (len(nodes) - 1)) / 2
        for node, width in zip(nodes, widths, strict=True):
            places[node] = (x + width / 2, -level * LEVEL)
            x += width + SPACE
    return places


def _level(graph: Graph, name: str) -> int:
    """Arrows of the longest way from a name to one that imports nothing."""
    return 1 + max((_level(graph, target) for target in graph[name]), default=-1)


def _passed(graph: Graph, name: str, target: str) -> list[Node]:
    """Places at which an arrow passes the levels between both its ends, from below."""
    between = range(_level(graph, name) - 1, _level(graph, target), -1)
    return [(name, target, str(level)) for level in between]


def _box(axes: Axes, name: str, place: Place) -> None:
    corner = (place[0] - BOX / 2, place[1] - HEIGHT / 2)
    box = FancyBboxPatch(corner, BOX, HEIGHT, "round,pad=0,rounding_size=0.06", zorder=2)
    box.set(facecolor="#eef4f3", edgecolor="#1b6f6a")
    axes.add_patch(box)
    axes.text(*place, name, ha="center", va="center", fontsize=11, zorder=3, color="#112233")


def _arrow(axes: Axes, places: list[Place], colour: str) -> None:
    """From the top of the importing box, between other boxes, to the bottom of the imported one."""
    inner = [(x, y + side * HEIGHT / 2) for x, y in places[1:-1] for side in (-1, 1)]
    (x, y), (end_x, end_y) = places[0], places[-1]
    points = [(x, y + HEIGHT / 2), *inner, (end_x, end_y - HEIGHT / 2)]
    arrow = FancyArrowPatch(path=Path(points), arrowstyle="-|>", mutation_scale=10)
    arrow.set(color=colour, linewidth=1.2, zorder=1)
    axes.add_patch(arrow)
