"""Errors of our own."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from ragkit import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_crosses_processes(name):
    made = {
        "UnknownOptionError": ("f()", ["topk"], ["k", "filter"]),
        "PartialEmbeddingError": ({1: errors.EndpointError("x")}, np.zeros((2, 1))),
        "MissingExtraError": ("ChromaStore", "chromadb", "chroma"),
    }
    error = getattr(errors, name)(*made.get(name, ("what happened",)))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert isinstance(again, errors.RagkitError | errors.PartialResultWarning)


def test_the_tree_in_the_docstring_is_the_tree():
    for name in errors.__all__:
        assert name in errors.__doc__


def test_names_that_are_no_strings_are_reported_too():
    assert "'2'" in str(errors.UnknownOptionError("f()", [2], ["k"]))


def test_the_statuses_that_say_later_are_those_that_are_documented():
    documented = {int(number) for number in re.findall(r"\b\d{3}\b", errors.EndpointError.__doc__)}
    assert documented == {
        status for status in range(600) if errors.EndpointError("m", status=status).temporary
    }
