"""The heat map: readable, and without a window."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra eval is not installed")
pytestmark = pytest.mark.slow

from ragkit.errors import InvalidInputError  # noqa: E402
from ragkit.similarity import heatmap  # noqa: E402

TEXTS = ["it costs $5 or $6", "word " * 60, "a\x00b\tc", ""]


def labels(figure):
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def test_texts_are_wrapped_shortened_and_kept():
    figure = heatmap(TEXTS, vectors=np.eye(4))
    shown = labels(figure)
    assert shown[0] == "0  it costs $5 or $6"
    assert shown[1].endswith("…")
    assert max(len(line) for line in shown[1].splitlines()) < 40
    assert shown[2] == "2  a b c"
    assert figure.sentences == tuple(TEXTS)
    assert len(figure.axes[0].texts) == 16
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_many_texts_are_numbers():
    figure = heatmap([f"text {i}" for i in range(200)], vectors=np.eye(200))
    assert labels(figure)[:3] == ["0", "10", "20"]
    assert len(labels(figure)) <= 30
    assert figure.sentences[150] == "text 150"
    assert not figure.axes[0].texts


def test_no_window_no_pyplot():
    script = (
        "import numpy, sys; from ragkit.similarity import heatmap;"
        "heatmap(['a', 'b'], vectors=numpy.eye(2)).savefig(sys.argv[1]);"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "/dev/null" if sys.platform != "win32" else "nul"],
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "False", run.stderr


def test_bad_input_is_named():
    with pytest.raises(InvalidInputError, match="2 sentences and 3 vectors"):
        heatmap(["a", "b"], vectors=np.eye(3))
    with pytest.raises(InvalidInputError, match="empty"):
        heatmap([])
    with pytest.raises(InvalidInputError, match="list of texts"):
        heatmap("text")
    with pytest.raises(InvalidInputError, match="cmap is 'none such'"):
        heatmap(["a"], vectors=np.eye(1), cmap="none such")
