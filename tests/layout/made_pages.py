"""Pages made of words and rules at given places."""

from __future__ import annotations

from ragkit.layout import LayoutLinearizer
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.layout.analysis.drawn import Area, Drawn, Rule
from ragkit.layout.model import LayoutDocument, Word
from ragkit.provenance import Box

WIDTH, HEIGHT = 600, 800


def put(text, x, y, *, size=10, bold=False, space=3.0):
    """Words on a baseline, each character half as wide as it is high."""
    found = []
    for part in text.split():
        wide = 0.5 * size * len(part)
        box = Box(x / WIDTH, y / HEIGHT, (x + wide) / WIDTH, (y + 1.1 * size) / HEIGHT)
        found.append(Word(part, box, size, bold))
        x += wide + space
    return found


def page(*groups, number=0, rules=(), fills=()):
    words = [w for group in groups for w in group]
    drawn = Drawn(list(rules), list(fills))
    return PageContent(number, str(number + 1), WIDTH, HEIGHT, words=words, drawn=drawn)


def level(y, x0, x1):
    return Rule(True, y, x0, x1)


def upright(x, y0, y1):
    return Rule(False, x, y0, y1)


def lattice(xs, ys):
    """All rules of a table whose cells have these edges."""
    levels = [level(y, xs[0], xs[-1]) for y in ys]
    return levels + [upright(x, ys[0], ys[-1]) for x in xs]


def fill(x0, y0, x1, y1):
    return Area(x0, y0, x1, y1)


def tables(*pages):
    """The rows of all tables."""
    found = [e.table for p in analyze_pages(pages) for e in p.elements if e.table is not None]
    return [table.to_rows() for table in found]


def read(*pages, **options):
    layout = LayoutDocument("a.pdf", analyze_pages(pages))
    return LayoutLinearizer(**options).to_text(layout)


def column(x, y, name, lines=6):
    return [
        w
        for i in range(lines)
        for w in put(f"{name} line {i} has several words here", x, y + 12 * i)
    ]
