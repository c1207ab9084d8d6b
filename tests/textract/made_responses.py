"""Hand-made responses: blocks with the relations that the service gives them."""

from __future__ import annotations

import gzip
import json


def unpacked(path):
    """What is in a gzipped JSON file."""
    return json.loads(gzip.decompress(path.read_bytes()))


def block(kind, key, *children, **fields):
    """A block; `children` are ids."""
    made = {"BlockType": kind, "Id": key, "Page": 1, **fields}
    if children:
        made["Relationships"] = [{"Type": "CHILD", "Ids": list(children)}]
    return made


def box(left, top, width, height):
    return {
        "Geometry": {"BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height}}
    }


def line(key, text, **fields):
    """A line and its words, whose ids are ``key.0``, ``key.1`` …"""
    words = [block("WORD", f"{key}.{n}", Text=word) for n, word in enumerate(text.split())]
    return [block("LINE", key, *(word["Id"] for word in words), Text=text, **fields), *words]


def page(*blocks):
    """A response of one page with these blocks, in this order of reading."""
    flat = [one for item in blocks for one in (item if isinstance(item, list) else [item])]
    inner = ("WORD", "CELL", "SELECTION_ELEMENT")
    whole = block("PAGE", "page", *(one["Id"] for one in flat if one["BlockType"] not in inner))
    return {"Blocks": [whole, *flat]}


def table(rows, *, heads=(), place=(0.1, 0.3, 0.8, 0.4)):
    """A LAYOUT_TABLE, its TABLE and its lines: one for each row of the table's texts."""
    lines, cells = [], []
    for r, row in enumerate(rows, 1):
        made = line(f"row{r}", " ".join(row))
        words = iter(made[1:])
        for c, text in enumerate(row, 1):
            own = [next(words)["Id"] for _ in text.split()]
            kinds = {"EntityTypes": ["COLUMN_HEADER"]} if r in heads else {}
            where = {"RowIndex": r, "ColumnIndex": c, "RowSpan": 1, "ColumnSpan": 1}
            cells.append(block("CELL", f"cell{r}.{c}", *own, **where, **kinds))
        lines += made
    ids = [one["Id"] for one in lines if one["BlockType"] == "LINE"]
    return [
        block("LAYOUT_TABLE", "layout-table", *ids, **box(*place)),
        *lines,
        block("TABLE", "table", *(cell["Id"] for cell in cells), **box(*place)),
        *cells,
    ]
