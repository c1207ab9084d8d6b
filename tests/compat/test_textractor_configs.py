"""Textractor's configurations, with its names and defaults."""

from __future__ import annotations

import pytest

from ragkit.compat import (
    HTMLLinearizationConfig,
    MarkdownLinearizationConfig,
    TextLinearizationConfig,
)
from ragkit.errors import InvalidInputError, UnknownOptionError


def test_defaults_are_textractor_s():
    text, markdown, html = (
        TextLinearizationConfig(),
        MarkdownLinearizationConfig(),
        HTMLLinearizationConfig(),
    )
    assert (text.hide_header_layout, text.title_prefix, text.table_column_separator) == (
        False, "", "\t",
    )  # fmt: skip
    assert (markdown.title_prefix, markdown.table_linearization_format) == ("# ", "markdown")
    assert (html.title_prefix, html.table_add_title_as_caption) == ("<h1>", True)
    assert html.add_ids_to_html_tags is False


def test_options_can_be_given_and_set():
    config = TextLinearizationConfig(title_prefix="# ")
    config.hide_figure_layout = True
    assert config.hide_figure_layout is True
    assert config == TextLinearizationConfig(hide_figure_layout=True, title_prefix="# ")
    assert config != MarkdownLinearizationConfig(hide_figure_layout=True, title_prefix="# ")
    assert repr(config) == "TextLinearizationConfig(hide_figure_layout=True, title_prefix='# ')"


def test_options_that_do_not_exist_are_errors():
    with pytest.raises(UnknownOptionError, match="hide_figure_layout"):
        TextLinearizationConfig(hide_figures=True)
    config = TextLinearizationConfig()
    with pytest.raises(UnknownOptionError, match="hide_figure_layout"):
        config.hide_figures = True
    with pytest.raises(AttributeError, match="no option 'hide_figures'"):
        _ = config.hide_figures
    for name in ("dialect", "format", "add_ids_to_html_tags"):
        with pytest.raises(UnknownOptionError):
            TextLinearizationConfig(**{name: None})


def test_values_that_can_t_work_are_errors():
    with pytest.raises(InvalidInputError, match="title_prefix is 3"):
        TextLinearizationConfig(title_prefix=3)
    config = TextLinearizationConfig()
    with pytest.raises(InvalidInputError, match="hide_table_layout is 'no'"):
        config.hide_table_layout = "no"
    assert config == TextLinearizationConfig()
