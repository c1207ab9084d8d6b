"""Questions answered from retrieved passages, with citations."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_choice, check_count, check_many, reject_unknown
from ragkit._options import names_options
from ragkit._qa_inputs import as_hits, as_message, check_template, query_of
from ragkit._threads import to_thread
from ragkit.errors import GenerationError, InvalidInputError
from ragkit.streaming import AsyncTextStream, TextStream, aclosing_pieces, closing_pieces
from ragkit.types import ABSTAIN, Answer, Generation, Grounding, Hit, Message

if TYPE_CHECKING:
    from ragkit.prompting.budget import TokenBudget
    from ragkit.protocols import LLM, Retriever

__all__ = ["RetrievalQA"]

_UNKNOWN = re.compile(
    r"(?:sorry,? (?:but )?)?i (?:don't|do not) know\b[^.!?\n]*[.!]?\Z", re.IGNORECASE
)


@dataclass(slots=True)
class _Asked:
    """A question on its way: what was found, what is sent, and when it began."""

    question: str
    began: float
    hits: list[Hit]
    kept: list[Hit] = field(default_factory=list)
    dropped: list[Hit] = field(default_factory=list)
    trimmed: list[Hit] = field(default_factory=list)
    prompt: Sequence[Message] | str = ""
    retrieval_s: float = 0.0

    @property
    def grounding(self) -> Grounding:
        """What a model that answers by quoting needs."""
        return Grounding(self.question, tuple(self.kept))


@names_options
class RetrievalQA:
    """Answers with citations: retrieve, build the prompt, generate, check what is cited.

    Args:
        llm: A language model, a string for `load_llm`, a LangChain model, or a function.
        retriever: What finds passages: of a store (``store.as_retriever(k=3)``), a store, or a
            LangChain retriever.
        prompt: A `PromptTemplate` with ``{context}`` and ``{question}`` (by default ragkit's
            own), or any object with ``format(context=, question=) -> str`` whose text is then
            sent as it stands.
        window: Most tokens of prompt and answer together; by default the model's own
            (``llm.window``) if it has one, and no limit otherwise. Passages that do not fit beside
            the template, the question and `max_tokens` are left out, lowest-ranked first, and the
            first that does not fit whole is trimmed at a sentence's end: `Answer.dropped`,
            `Answer.trimmed`. Tokens are counted by ``llm.count_tokens`` or estimated, never too
            low, by `estimate_tokens`.
        max_context_tokens: Most tokens of retrieved text in the prompt, in the same way. None: no
            limit but the window.
        return_source_documents: Whether `invoke` also gives ``source_documents``.
        max_tokens: Most tokens of the answer.
        temperature: 0 for the same answer each time.

    Raises:
        InvalidInputError: If an argument has a value that can't work.
        TokenBudgetError: If `max_tokens` fills `window`; a model's own window is first looked at
            when a question is asked.

    Example:
        >>> from ragkit import Document, LocalStore, RetrievalQA
        >>> store = LocalStore.from_documents([Document("Doors open at nine.")], "minilm")
        >>> qa = RetrievalQA("extractive", store.as_retriever(k=1))
        >>> qa.ask("When do the doors open?").text
        'Doors open at nine. [1]'
    """

    def __init__(
        self,
        llm: LLM | str | Callable[..., Any],
        retriever: Retriever | Any,
        prompt: Any = None,
        *,
        window: int | None = None,
        max_context_tokens: int | None = None,
        return_source_documents: bool = False,
        max_tokens: int = 512,
        temperature: float = 0.0,
    ) -> None:
        from ragkit.adapters import as_llm, as_retriever

        self.llm = as_llm(llm)
        self.retriever = as_retriever(retriever)
        self.prompt = _default_prompt() if prompt is None else check_template(prompt)
        self.max_context_tokens = max_context_tokens
        self.window = window
        self.return_source_documents = return_source_documents
        self._options: dict[str, Any] = {
            "max_tokens": check_count(max_tokens, "max_tokens"),
            "temperature": temperature,
        }
        if window is not None or max_context_tokens is not None:
            self._budget()  # raises for values that can't work

    @classmethod
    def from_chain_type(
        cls,
        llm: Any,
        chain_type: str = "stuff",
        *,
        retriever: Any,
        return_source_documents: bool = False,
        chain_type_kwargs: Mapping[str, Any] | None = None,
    ) -> RetrievalQA:
        """The chain as LangChain's 2023 tutorials make it.

        Raises:
            InvalidInputError: If `chain_type` is not "stuff" (all passages in one prompt).
            UnknownOptionError: If `chain_type_kwargs` has anything but ``prompt``.
        """
        check_choice(chain_type, "chain_type", ["stuff"])
        options = {} if chain_type_kwargs is None else chain_type_kwargs
        if not isinstance(options, Mapping):
            raise InvalidInputError(
                f"chain_type_kwargs is {options!r}; it has to be a mapping such as {{'prompt': p}}."
            )
        reject_unknown("RetrievalQA.from_chain_type(chain_type_kwargs)", options, ["prompt"])
        return cls(
            llm,
            retriever,
            options.get("prompt"),
            return_source_documents=return_source_documents,
        )

    def ask(self, question: str) -> Answer:
        """The answer, with citations that point at the passages it rests on.

        Raises:
            InvalidInputError: If the question is empty or no text.
            TokenBudgetError: If nothing that was found fits the model's window.
            GenerationError: If the model gives no answer.
            EndpointError: If a remote model or store fails.
        """
        asked = self._retrieve(question)
        if not asked.kept:
            return self._abstain(asked)
        generation = self.llm.generate(asked.prompt, context=asked.grounding, **self._options)
        return self._answer(asked, generation)

    async def aask(self, question: str) -> Answer:
        """`ask` without blocking the event loop."""
        asked = await self._aretrieve(question)
        if not asked.kept:
            return self._abstain(asked)
        generation = await self.llm.agenerate(
            asked.prompt, context=asked.grounding, **self._options
        )
        return self._answer(asked, generation)

    def stream(self, question: str) -> TextStream[Answer]:
        """The model's text in pieces, as it comes.

        Citation marks are as the model wrote them. After the last piece, ``result`` of the stream
        is the `Answer` with its citations checked, as `ask` gives it.
        """
        return TextStream(self._streamed(question))

    def _streamed(self, question: str) -> Iterator[str | Answer]:
        asked = self._retrieve(question)
        if not asked.kept:
            yield from (ABSTAIN, self._abstain(asked))
            return
        pieces = self.llm.stream(asked.prompt, context=asked.grounding, **self._options)
        texts: list[str] = []
        with closing_pieces(pieces):
            for piece in pieces:
                texts.append(piece)
                yield piece
        yield self._answer(asked, _generation(pieces, texts))

    def astream(self, question: str) -> AsyncTextStream[Answer]:
        """`stream` without blocking the event loop."""
        return AsyncTextStream(self._astreamed(question))

    async def _astreamed(self, question: str) -> AsyncIterator[str | Answer]:
        asked = await self._aretrieve(question)
        if not asked.kept:
            for last in (ABSTAIN, self._abstain(asked)):
                yield last
            return
        pieces = self.llm.astream(asked.prompt, context=asked.grounding, **self._options)
        texts: list[str] = []
        async with aclosing_pieces(pieces):
            async for piece in pieces:
                texts.append(piece)
                yield piece
        yield self._answer(asked, _generation(pieces, texts))

    def batch(self, questions: Iterable[str]) -> list[Answer]:
        """Answers in the order of the questions."""
        return [self.ask(one) for one in check_many(questions, "questions", "questions")]

    async def abatch(self, questions: Iterable[str], *, at_once: int = 8) -> list[Answer]:
        """Answers in the order of the questions, several under way together.

        Args:
            questions: Any number.
            at_once: How many are asked at the same time.
        """
        import asyncio

        check_many(questions, "questions", "questions")
        gate = asyncio.Semaphore(check_count(at_once, "at_once"))

        async def one(question: str) -> Answer:
            async with gate:
                return await self.aask(question)

        return list(await asyncio.gather(*map(one, questions)))

    def invoke(self, inputs: Mapping[str, str] | str) -> dict[str, Any]:
        """LangChain's form: ``{"query": …}`` → ``{"query", "result", "source_documents"?}``.

        Raises:
            UnknownOptionError: If the mapping has other keys than ``query``.
        """
        return self._as_result(self.ask(query_of(inputs)))

    async def ainvoke(self, inputs: Mapping[str, str] | str) -> dict[str, Any]:
        """`invoke` without blocking the event loop."""
        return self._as_result(await self.aask(query_of(inputs)))

    def _as_result(self, answer: Answer) -> dict[str, Any]:
        result: dict[str, Any] = {"query": answer.question, "result": answer.text}
        if self.return_source_documents:
            result["source_documents"] = [hit.document for hit in answer.hits]
        return result

    def __call__(self, inputs: Mapping[str, str] | str) -> dict[str, Any]:
        """The same as `invoke`."""
        return self.invoke(inputs)

    def _retrieve(self, question: str) -> _Asked:
        """What was found, cut to the budget, and the prompt made of it."""
        if not isinstance(question, str) or not question.strip():
            raise InvalidInputError(f"The question is {question!r}; it has to be a text.")
        began = time.perf_counter()
        asked = _Asked(question, began, as_hits(self.retriever.retrieve(question)))
        asked.retrieval_s = time.perf_counter() - began
        if asked.hits:
            fitted = self._budget().fit(asked.hits, lambda hits: self._prompt(hits, question))
            asked.kept, asked.dropped, asked.trimmed = fitted.kept, fitted.dropped, fitted.trimmed
            asked.prompt = self._prompt(asked.kept, question)
        return asked

    async def _aretrieve(self, question: str) -> _Asked:
        """`_retrieve` in a worker thread."""
        return await to_thread(self._retrieve, question)

    def _budget(self) -> TokenBudget:
        from ragkit.prompting.budget import TokenBudget

        return TokenBudget.of_model(
            self.llm,
            window=self.window,
            max_tokens=self._options["max_tokens"],
            max_context_tokens=self.max_context_tokens,
        )

    def _prompt(self, hits: list[Hit], question: str) -> Sequence[Message] | str:
        """Messages, or one raw prompt where the template is a plain one."""
        from ragkit.prompting import format_context, neutralise

        if hasattr(self.prompt, "format_messages"):
            context = format_context(hits)
            if getattr(self.llm, "takes", "messages") == "text":  # rendered as the template does
                return str(self.prompt.format(context=context, question=question))
            messages = self.prompt.format_messages(context=context, question=question)
            return [as_message(message) for message in messages]
        texts = (neutralise(hit.document.page_content) for hit in hits)
        raw = self.prompt.format(context="\n\n".join(texts), question=neutralise(question))
        return str(raw)

    def _answer(self, asked: _Asked, generation: Generation) -> Answer:
        from ragkit.citing import cite

        if not generation.text.strip() and generation.finish_reason == "length":
            raise GenerationError(
                f"The model gave no text within max_tokens={self._options['max_tokens']}; raise it "
                f"(a model that reasons first needs more)."
            )
        abstained = _says_unknown(generation.text)
        cited = cite(generation.text, [] if abstained else asked.kept)
        return Answer(
            question=asked.question,
            text=ABSTAIN if abstained else cited.text,
            citations=cited.citations,
            hits=asked.hits,
            usage=generation.usage,
            timings=_timings(asked, generation),
            dropped=asked.dropped,
            trimmed=asked.trimmed,
            abstained=abstained,
            invalid_citations=cited.invalid,
            finish_reason=generation.finish_reason,
        )

    def _abstain(self, asked: _Asked) -> Answer:
        """Nothing was found: the fixed answer, without asking the model."""
        total = time.perf_counter() - asked.began
        return Answer(
            question=asked.question,
            text=ABSTAIN,
            hits=asked.hits,
            abstained=True,
            timings={"retrieval": asked.retrieval_s, "total": total},
        )


def _generation(pieces: object, texts: list[str]) -> Generation:
    """What a stream that has ended says of itself; of other people's streams, the text alone."""
    if isinstance(pieces, TextStream | AsyncTextStream):
        whole = pieces.result
        if isinstance(whole, Generation):
            return whole
    return Generation("".join(texts), finish_reason=None)


def _default_prompt() -> Any:
    from ragkit.prompting import PromptTemplate

    return PromptTemplate()


def _says_unknown(text: str) -> bool:
    """Whether all that the answer says is "I don't know", whatever follows in that sentence."""
    from ragkit.citing import without_marks

    said = without_marks(text).replace("’", "'").strip()
    return not said or _UNKNOWN.match(said) is not None


def _timings(asked: _Asked, generation: Generation) -> dict[str, float]:
    total = time.perf_counter() - asked.began
    timings = {"retrieval": asked.retrieval_s, "total": total}
    timings["generation"] = generation.timings.get("total", total - asked.retrieval_s)
    return timings
