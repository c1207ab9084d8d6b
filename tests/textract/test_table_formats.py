"""Tables as text, held against tabulate itself where it leaves texts as they are."""

from __future__ import annotations

import random
import sys

import pytest

from ragkit.errors import MissingExtraError
from ragkit.textract._formats import TABLE_FORMATS, check_table_format, write_table

NATIVE = [
    "fancy_grid", "fancy_outline", "github", "grid", "orgtbl", "outline", "pipe", "plain",
    "presto", "psql", "simple", "simple_grid", "simple_outline",
]  # fmt: skip
TEXTS = ["", "Tea", "a longer text", "7", "1,234", "12 kg", "$5"]
NUMBERS = ["7", "27", "-3", "1.5", "0.125"]


def made_tables():
    """Tables whose columns are of texts or of numbers; versions of tabulate differ on gaps."""
    rng = random.Random(3)
    for _ in range(60):
        width, height = rng.randint(1, 4), rng.randint(0, 5)
        kinds = [rng.choice([TEXTS, NUMBERS]) for _ in range(width)]
        rows = [[rng.choice(kind) for kind in kinds] for _ in range(height)]
        if rows:
            rows[-1] = ["Jam" if kind is TEXTS else "2" for kind in kinds]
        header = [rng.choice([*TEXTS, *NUMBERS]) for _ in range(width)]
        yield header, rows
        if rows:
            yield None, rows


@pytest.mark.parametrize("name", NATIVE)
def test_drawn_as_tabulate_draws_it(name):
    tabulate = pytest.importorskip("tabulate", reason="the extra tables is not installed").tabulate
    for header, rows in made_tables():
        assert write_table(header, rows, name) == tabulate(rows, header or (), tablefmt=name)


@pytest.mark.parametrize("name", sorted(set(TABLE_FORMATS) - {*NATIVE, "csv", "tsv", "html"}))
def test_other_formats_are_tabulate_s_and_numbers_stay(name):
    pytest.importorskip("tabulate", reason="the extra tables is not installed")
    rows = [["Tea", "27.00"], ["Jam", "007"]]
    assert check_table_format(name) == name
    text = write_table(["Item", "Price"], rows, name)
    assert all(word in text for word in ("Item", "Price", "Tea", "27.00", "Jam", "007"))
    assert write_table(["Item", "Price"], [], name)
    assert write_table(None, rows, name)


def test_without_tabulate_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tabulate", None)
    assert check_table_format("grid") == "grid"
    with pytest.raises(MissingExtraError, match=r"ragkit\[tables\]"):
        check_table_format("latex")


def test_line_breaks_and_tabs_in_a_text_break_no_row():
    rows = [["a\nb", "c\td"]]
    assert write_table(None, rows, "tsv") == "a b\tc d"
    assert write_table(None, rows, "plain") == "a b  c d"
