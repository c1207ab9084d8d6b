"""What a runtime computes is held against plain numpy when a model is loaded."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ragkit import OnnxEmbedder, OpenVINOEmbedder
from ragkit.embedding import _session
from ragkit.embedding._onnx_session import OnnxSession
from ragkit.errors import ModelError


class ReadsPadding(OnnxSession):
    """As a runtime that ignores the mask."""

    def _infer(self, ids, mask):
        return super()._infer(ids, np.ones_like(mask))


class GivesNaN(OnnxSession):
    def _infer(self, ids, mask):
        return super()._infer(ids, mask) * np.float32("nan")


@pytest.mark.parametrize("kind", [ReadsPadding, GivesNaN])
def test_a_runtime_that_computes_something_else_is_refused(monkeypatch, kind):
    monkeypatch.setattr("ragkit.embedding._onnx_session.OnnxSession", kind)
    embedder = OnnxEmbedder(threads=1)
    for _ in range(2):  # the second time too: it is not kept
        with pytest.raises(
            ModelError, match=r"gives other vectors .* than its weights do"
        ) as error:
            embedder.embed(["a"])
    assert "use another engine" in str(error.value)


@pytest.mark.parametrize("options", [{"pooling": "cls"}, {"normalize": False}])
def test_models_that_are_right_pass(make_model, options):
    vectors = OnnxEmbedder(make_model(), threads=1, **options).embed(["a b", "c"])
    assert np.isfinite(vectors).all()


def test_half_precision_in_place_of_single_is_found(minilm):
    pytest.importorskip("openvino", reason="the extra fast-cpu is not installed")
    from ragkit.embedding._openvino_session import OpenVINOSession
    from ragkit.embedding._verifying import verify

    embedder = OpenVINOEmbedder()
    if embedder.precision != "bf16":
        pytest.skip("this processor computes no bfloat16")
    session = embedder._open()
    assert isinstance(session, OpenVINOSession)
    verify(session, embedder._key)
    with pytest.raises(ModelError, match=r"off by 0\.00"):
        verify(session, dataclasses.replace(embedder._key, precision="f32"))
    assert _session.shared_session(OpenVINOSession, embedder._key) is session
