"""Lines, tables, forms and layout.csv as the pretty-printer writes them."""

from __future__ import annotations

import copy
import random

import pytest
from made_responses import block, line, page, table

from ragkit.errors import InvalidInputError
from ragkit.textract import (
    get_forms_string,
    get_layout_csv,
    get_lines_string,
    get_tables_string,
)

FUNCTIONS = {
    "P20_lines": get_lines_string,
    "P21_lines_trim_pages": get_lines_string,
    "P22_tables_pipe": get_tables_string,
    "P23_forms_csv": get_forms_string,
    "P24_layout_csv": get_layout_csv,
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_output_is_the_reference_s(case, cases, answers):
    options, compared = cases[case]["config"], 0
    for name, response, expected in answers:
        if case in expected:
            (wanted,) = expected[case].values()
            assert FUNCTIONS[case](response, **options) == wanted, name
            compared += 1
    assert compared > 60


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS.values()), key=lambda f: f.__name__))
def test_broken_responses_do_no_harm(function, answers):
    rng = random.Random(13)
    for _, response, _ in answers[:30]:
        broken = copy.deepcopy(response)
        for one in broken["Blocks"]:
            for key in rng.sample(sorted(one), k=min(2, len(one))):
                if key not in ("BlockType", "Id"):
                    # A block of page 7 is what a missing part leaves.
                    one[key] = rng.choice([None, "x" if key == "Page" else 7, "x", [], {}])
        function(broken)


def test_lines_with_confidence_keep_each_on_its_line():
    response = page(line("a", "Hello  there", Confidence=99.5), line("b", "again"))
    assert get_lines_string(response, with_confidence=True) == "Hello  there, 99.5\nagain\n"
    assert get_lines_string(response, line_separator=" / ") == "Hello  there / again / "


def test_tables_have_numbers_as_they_were_read():
    response = page(table([["27.00", "007"]]))
    assert get_tables_string(response, trim=True) == ("|-------|-----|\n| 27.00 | 007 |\n\n")
    assert get_tables_string(response, table_format="csv", trim=True) == "27.00,007\r\n\r\n"


def test_confidence_and_place_are_both_written():
    response = page(table([["27"]]))
    cell = response["Blocks"][-1]
    cell["Confidence"] = 98.76
    cell["Geometry"] = {"BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.25, "Height": 0.125}}
    text = get_tables_string(
        response, table_format="plain", with_confidence=True, with_geo=True, trim=True
    )
    assert text == "27(width: 0.25, height: 0.125, left: 0.25, top: 0.5)(98.8)\n\n"


def test_a_field_s_tick_is_its_value():
    key = block("KEY_VALUE_SET", "k", "w", EntityTypes=["KEY"])
    key["Relationships"].append({"Type": "VALUE", "Ids": ["v"]})
    response = page(
        key,
        block("WORD", "w", Text="Yes"),
        block("KEY_VALUE_SET", "v", "s", EntityTypes=["VALUE"]),
        block("SELECTION_ELEMENT", "s", SelectionStatus="SELECTED"),
    )
    assert get_forms_string(response) == (
        "|-----|----------|\n| Key | Value    |\n| Yes | SELECTED |\n\n"
    )


@pytest.mark.parametrize("function", [get_lines_string, get_tables_string, get_forms_string])
def test_wrong_options_are_named(function):
    with pytest.raises(InvalidInputError, match="trim"):
        function(page(line("a", "x")), trim="yes")
