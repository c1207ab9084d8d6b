"""Answers without a language model: the best sentences of what was found, quoted."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit.errors import EmbeddingError, InvalidInputError, RagkitError
from ragkit.llms.base import GenerateOptions, LocalLLM, Options, Prompt
from ragkit.llms.candidates import Candidate, Query, lexical_scores, read_candidates, score
from ragkit.llms.cutting import Cutter
from ragkit.llms.quoting import best_part
from ragkit.types import ABSTAIN, Generation, Grounding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Embedder

__all__ = ["ExtractiveLLM"]

_REMEMBERED = 4096
"""Sentences whose vectors are kept (6 MB at 384 dimensions): hits recur, and so do theirs."""
_FARTHEST = 3.0
"""How much worse than the best a further sentence may be scored."""
_BY_MEANING, _BY_WORDS, _BY_KIND = 0.75, 0.25, 0.03
"""What `min_score` compares is made of these shares."""
_MARK = 5
"""Characters that a citation mark takes."""


@names_options
class ExtractiveLLM(LocalLLM):
    """Quotes the sentences that best answer the question, each with its source's number.

    Needs no download, key or server. It reads the question and the passages from ``context``,
    which `RetrievalQA` passes, and never the prompt. Sentences are compared with the question
    by meaning (embedding), by words (weighted by rarity), and by what kind of answer is asked
    for (a date for "when", a number for "how many" …). What is quoted stands in the passage
    exactly like that; a very long sentence is quoted in part. The same input gives the same
    answer.

    Args:
        embedder: For the sentences; a string for `load_embedder`, an embedder, or a function.
        min_score: From 0 to 1. Where neither meaning nor words of any sentence come this near to
            the question, the answer is "I don't know."
        max_chars: Longest first quote, its mark included. Further sentences follow while less
            than this is said.
        max_sentences: Most sentences that are quoted.
        max_candidates: Most sentences that are embedded for one question; those that share most
            words with it are taken.
        language: Of the documents, for stemming ("german", "french" …; "none" for others). With
            it goes an embedder for that language. What kind of answer is asked for is only
            recognised in English questions; others are answered by meaning and words.

    Raises:
        InvalidInputError: If an argument has a value that can't work.

    Example:
        >>> from ragkit import Document, ExtractiveLLM, Grounding, Hit
        >>> text = "The library is old. It opens at nine. Dogs may come in."
        >>> found = Grounding("When does it open?", (Hit(Document(text), 0.5),))
        >>> ExtractiveLLM(max_sentences=1).generate("", context=found).text
        'It opens at nine. [1]'
    """

    def __init__(
        self,
        *,
        embedder: Embedder | str | Any = "minilm",
        min_score: float = 0.33,
        max_chars: int = 200,
        max_sentences: int = 2,
        max_candidates: int = 24,
        language: str = "english",
    ) -> None:
        from ragkit.embedding.adapt import as_embedder
        from ragkit.retrieval.analysis import Analyzer

        if isinstance(min_score, bool) or not isinstance(min_score, int | float):
            raise InvalidInputError(f"min_score is {min_score!r}; it has to be a number.")
        if not 0 <= min_score <= 1:
            raise InvalidInputError(f"min_score is {min_score!r}; it has to be from 0 to 1.")
        self.min_score = float(min_score)
        self.max_chars = check_count(max_chars, "max_chars", least=40)
        self.max_sentences = check_count(max_sentences, "max_sentences")
        self.max_candidates = check_count(max_candidates, "max_candidates")
        self._embedder = as_embedder(embedder)
        self._analyze = Analyzer(language).analyze
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"ExtractiveLLM(embedder={self._embedder.fingerprint.name!r})"

    def generate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """The quotes; "I don't know." where nothing found comes near the question.

        Args:
            messages: Not read; may be empty.
            **options: ``context`` with the question and the hits. ``stop`` is applied;
                ``max_tokens`` counts words; the others are checked and make no difference.

        Raises:
            InvalidInputError: If an option can't work.
            EmbeddingError: If the embedder fails, or gives other vectors than it has to.
        """
        return super().generate(messages or "-", **options)

    def _generate(self, messages: Prompt, options: Options) -> Generation:  # noqa: ARG002
        return Cutter(options).generation(self._answers(options.context))

    def _answers(self, context: Grounding | None) -> Iterator[str]:
        yield self._answer(context)  # made when it is asked for, so that its time counts

    def _answer(self, context: Grounding | None) -> str:
        if context is None:
            return ABSTAIN
        if not isinstance(context, Grounding) or not isinstance(context.question, str):
            raise InvalidInputError(
                f"context is {context!r:.80}; it has to be a Grounding(question, hits)."
            )
        if not context.question.strip():
            return ABSTAIN
        query = Query.of(context.question, self._analyze)
        candidates = read_candidates(context.hits, self._analyze)
        if not candidates:
            return ABSTAIN
        lexical = lexical_scores(query, candidates)
        # Chosen by words alone, so that one call of the embedder is enough, and a short one.
        order = sorted(range(len(candidates)), key=lambda i: -lexical[i][0])
        kept = sorted(order[: self.max_candidates])
        similarity = self._similarity(context.question, [candidates[i].text for i in kept])
        scores = score(candidates, kept, lexical, similarity.tolist())
        ranked = sorted(zip(scores, kept, strict=True), key=lambda pair: (-pair[0], pair[1]))
        # How near any sentence comes to the question, and whether the best has its kind of answer.
        nearness = _BY_MEANING * max(0.0, float(similarity.max()))
        nearness += _BY_WORDS * max(lexical[i][1] for i in kept)
        nearness += _BY_KIND * query.cues.value(candidates[ranked[0][1]].text)
        if nearness < self.min_score:
            return ABSTAIN
        best = ranked[0][0]
        near = [candidates[i] for value, i in ranked if value >= best - _FARTHEST]
        return self._quoted(near, query)

    def _quoted(self, ranked: Sequence[Candidate], query: Query) -> str:
        """The best sentences, each followed by its mark."""
        quotes: list[str] = []
        said = 0
        for candidate in ranked[: self.max_sentences]:
            if said > self.max_chars - 2 * _MARK - 20:
                break
            part = best_part(candidate.text, query, self._analyze, self.max_chars - _MARK)
            quotes.append(f"{part} [{candidate.number}]")
            said += len(quotes[-1]) + 1
        return " ".join(quotes)

    def _similarity(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Cosine of the question and each text."""
        import numpy as np

        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        unknown = [text for text in texts if text not in known]
        query, found = self._embedded(question, unknown)
        known.update(zip(unknown, found, strict=True))
        with self._lock:
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        matrix = np.stack([known[text] for text in texts])
        lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
        cosines: NDArray[np.float32] = (matrix @ query) / np.maximum(lengths, 1e-12)
        return cosines

    def _embedded(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vectors of the question and the texts.

        Raises:
            EmbeddingError: If the embedder fails, or gives other vectors than it has to.
        """
        import numpy as np

        who = f"The embedder {type(self._embedder).__name__}"
        try:
            query = np.asarray(self._embedder.embed_query(question), dtype=np.float32)
            vectors = np.empty((0, query.size), dtype=np.float32)
            if texts:
                vectors = np.asarray(self._embedder.embed(list(texts)), dtype=np.float32)
        except RagkitError:
            raise
        except Exception as error:
            raise EmbeddingError(f"{who} raised {type(error).__name__}: {error}") from error
        if query.ndim != 1 or vectors.shape != (len(texts), query.size):
            raise EmbeddingError(
                f"{who} gave vectors of the shape {vectors.shape} for {len(texts)} texts, and "
                f"{query.shape} for a question; ({len(texts)}, dimension) and (dimension,) are "
                f"needed."
            )
        if not (np.isfinite(query).all() and np.isfinite(vectors).all()):
            raise EmbeddingError(f"{who} gave vectors with NaN or infinite values.")
        return query, vectors
