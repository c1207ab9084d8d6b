"""Language models in this process, through Hugging Face's transformers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit._threads import to_thread
from ragkit.errors import GenerationError, InvalidInputError, RagkitError, TokenBudgetError
from ragkit.llms.base import LocalLLM, Options, Prompt, check_batch, check_prompt, make_options
from ragkit.llms.transformers_loading import (
    LoadOptions,
    load_model,
    load_tokenizer,
    packages,
    window_of,
)
from ragkit.llms.transformers_prompts import PromptEncoder
from ragkit.llms.transformers_running import Runner
from ragkit.llms.transformers_steps import Row, Watcher
from ragkit.llms.workers import Worker
from ragkit.models import recorded_commit
from ragkit.streaming import AsyncTextStream
from ragkit.types import Generation, LLMFingerprint

if TYPE_CHECKING:
    from ragkit.llms.base import GenerateOptions

__all__ = ["TransformersLLM"]


@names_options
class TransformersLLM(LocalLLM):
    """Answers from a model of transformers: a local folder, a hub's id, or a loaded model.

    Decoder-only and encoder-decoder models are told apart by their configuration. Messages are
    rendered by the model's chat template; its control tokens act, and those that stand in
    messages are encoded as plain text. Where a template has no system role, the system text
    goes to the head of the first turn. Without a template, a model of the Llama family with
    ``<s>`` and ``</s>`` gets Llama-2's format, and any other the contents, joined by an empty
    line. A raw prompt (a str) is trusted and continued as it stands. BOS comes exactly once.

    Greedy by default; at a temperature above 0 tokens are drawn, the same ones for the same
    seed. A text ends at the model's end mark, a stop string, `max_tokens`, or the end of the
    window, the last two with the finish_reason "length". Usage counts the end mark.
    One text (or batch) is generated at a time; calls from other threads wait.

    Args:
        model: A folder, an id such as "meta-llama/Llama-2-7b-chat-hf", or a loaded model.
        tokenizer: A loaded tokenizer, or another folder or id; needed with a loaded model.
        device_map: Where the weights go, as accelerate takes it; None leaves them on the CPU.
        dtype: Of the weights, such as "bfloat16"; "auto" takes that of the files.
        attn_implementation: "eager", "sdpa", "flash_attention_2" …; None leaves it to the model.
        quantization: "nf4" (4 bits) or "int8", by bitsandbytes.
        revision: Branch, tag or commit of a hub's model; pin a commit for the same weights
            each time.
        token: For a hub's gated models; shown nowhere.
        allow_pickle: Takes weights in pickles too, which can run their author's code.
        trust_remote_code: Runs Python files that come with the model.
        prompt_lookup: Guesses next tokens from the prompt, which speeds up answers that quote
            it; greedy text stays the same. Batches are then generated one by one. It is for
            decoder-only models that ask for no offloaded or quantized cache.
        prefix_cache: The most tokens whose keys and values are kept, so that what a prompt has
            in common with an earlier one from its first token on (the system prompt, repeated
            sources) is not run again; 0 keeps none. A token takes 2 · layers · key-value heads ·
            head size · bytes of a number: 0.5 MB of Llama-2-7b in half precision, 1 GB for the
            default. Models with sliding windows or recurrent states keep none.
        compile: Decodes with a cache of fixed size and compiled code, which is for a GPU: the
            first answer of each size (in powers of two) waits for the compiler, up to minutes,
            those after it come faster.
        max_batch: The most prompts that `batch` generates at once.

    Attributes:
        name: What it was loaded from.
        window: The most tokens of prompt and answer together; None if the model does not say.
        writes_apart: Whether the answer takes no room in the window, since the model is an
            encoder-decoder.
        revision: The commit that was loaded, or the revision asked for; None if neither is known.

    Raises:
        InvalidInputError: If an argument can't work.
        ModelError: If there is no such model, or its weights are pickled.
        MissingExtraError: If a package is not installed.

    Example:
        >>> llm = TransformersLLM("models/llama-2-7b-chat")          # doctest: +SKIP
        >>> llm.invoke([{"role": "user", "content": "Hello"}])       # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913 – most are from_pretrained's own, by their names there
        self,
        model: Any,
        *,
        tokenizer: Any = None,
        device_map: Any = "auto",
        dtype: Any = "auto",
        attn_implementation: str | None = None,
        quantization: Literal["nf4", "int8"] | None = None,
        revision: str | None = None,
        token: str | None = None,
        allow_pickle: bool = False,
        trust_remote_code: bool = False,
        prompt_lookup: bool = False,
        prefix_cache: int = 2048,
        compile: bool = False,
        max_batch: int = 8,
    ) -> None:
        self._max_batch = check_count(max_batch, "max_batch")
        check_count(prefix_cache, "prefix_cache", least=0)
        self._prompt_lookup, self._quantization = prompt_lookup, quantization
        _, self._torch = packages()
        options = LoadOptions(
            device_map,
            dtype,
            attn_implementation,
            quantization,
            revision,
            token,
            allow_pickle,
            trust_remote_code,
        )
        self._model, self._tokenizer = _loaded(model, tokenizer, options)
        config = self._model.config
        self.name = str(model if isinstance(model, str | Path) else config.name_or_path)
        self.window = window_of(config, self._tokenizer)
        self.revision = getattr(config, "_commit_hash", None) or recorded_commit(model) or revision
        self.writes_apart = bool(config.is_encoder_decoder)
        self._encoder = PromptEncoder(
            self._tokenizer,
            llama2=_is_llama(config, self._tokenizer),
            encoder_decoder=self.writes_apart,
        )
        self._ends = _end_ids(self._model, self._tokenizer)
        self._runner = self._made_runner(prefix_cache, compiled=compile)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"TransformersLLM({self.name!r})"

    @property
    def fingerprint(self) -> LLMFingerprint:
        """What tells this model from others, for whoever keeps its answers."""
        method = getattr(self._model, "quantization_method", None)
        return LLMFingerprint(
            self.name,
            self.revision,
            str(self._model.dtype).removeprefix("torch."),
            self._quantization or (None if method is None else str(method)),
        )

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has, without BOS; control tokens in it count as text."""
        return self._encoder.count(text)

    def count_prompt(self, prompt: Prompt) -> int:
        """How many tokens a whole prompt has as the model reads it, template and BOS included.

        Raises:
            PromptError: If messages can't be rendered in the model's format.
        """
        return len(self._encoder.encode(check_prompt(prompt)))

    def clear_cache(self) -> None:
        """Frees the memory of kept prefixes, and of the fixed cache that `compile` uses."""
        with self._lock:
            self._runner.clear()

    def batch(
        self, prompts: Iterable[Prompt], **options: Unpack[GenerateOptions]
    ) -> list[Generation]:
        """Answers in the order of the prompts, all with the same options.

        Prompts of like length are generated together, at most `max_batch`; what all of them
        begin with is run once. Greedy texts are those of `generate`, but for ties that rounding
        decides in half precision.

        Raises:
            InvalidInputError: If the prompts or an option can't work.
            TokenBudgetError: If a prompt leaves no room for an answer.
            GenerationError: If the model fails.
        """
        every = [check_prompt(prompt) for prompt in check_batch(prompts)]
        chosen = make_options(self, options)
        rows = [self._row(prompt, chosen) for prompt in every]
        answers: dict[int, Generation] = {}
        for group in self._groups(rows):
            answers.update(zip(map(id, group), self._run(group, chosen), strict=True))
        return [answers[id(row)] for row in rows]

    async def agenerate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """`generate` in a worker thread; cancelling the task ends it at its next step."""
        prompt, chosen = check_prompt(messages), make_options(self, options)
        cancelled = threading.Event()
        try:
            return await to_thread(
                lambda: self._run([self._row(prompt, chosen)], chosen, cancelled)[0]
            )
        finally:
            cancelled.set()

    def astream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> AsyncTextStream[Generation]:
        """`stream` in a worker thread; closing it ends the work at its next step."""
        prompt, chosen = check_prompt(messages), make_options(self, options)
        return AsyncTextStream(aiter(self._worker(prompt, chosen)))

    def _made_runner(self, prefix_tokens: int, *, compiled: bool) -> Runner:
        pad = self._tokenizer.pad_token_id
        return Runner(
            self._model,
            ends=self._ends,
            pad=next(iter(self._ends), 0) if pad is None else pad,
            window=self.window,
            prefix_tokens=prefix_tokens,
            prompt_lookup=self._prompt_lookup,
            compiled=compiled,
        )

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        return self._run([self._row(messages, options)], options)[0]

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        return iter(self._worker(messages, options))

    def _worker(self, messages: Prompt, options: Options) -> Worker:
        def run(put: Callable[[str | Generation], bool], cancelled: threading.Event) -> None:
            put(self._run([self._row(messages, options, put)], options, cancelled)[0])

        return Worker(run)

    def _row(
        self, messages: Prompt, options: Options, on_text: Callable[[str], object] | None = None
    ) -> Row:
        prompt = self._encoder.encode(messages)
        return Row(
            prompt,
            options,
            limit=self._limit(len(prompt), options),
            ends=self._ends,
            decode=self._decode,
            on_text=on_text,
        )

    def _limit(self, length: int, options: Options) -> int:
        """The most tokens that can be written after a prompt of that length."""
        if not length:
            raise InvalidInputError("The prompt has no tokens; there is nothing to continue.")
        if self.window is None:
            return options.max_tokens
        # An encoder's window is not shared with what the decoder writes.
        room = self.window - length + (1 if self.writes_apart else 0)
        if room < 1:
            raise TokenBudgetError(
                f"The prompt has {length} tokens, but {self.name!r} has a window of "
                f"{self.window}, in which at least one has to be left for the answer. "
                f"Give less context: fewer or shorter chunks."
            )
        return options.max_tokens if self.writes_apart else min(options.max_tokens, room)

    def _decode(self, ids: list[int]) -> str:
        text = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    def _groups(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Rows of like length together, as many as may be and as the window holds."""
        group: list[Row] = []
        for row in sorted(rows, key=lambda row: len(row.prompt)):
            most = max((other.limit for other in group), default=0)
            wide = self.window is not None and len(row.prompt) + most > self.window
            full = len(group) >= (1 if self._prompt_lookup else self._max_batch)
            if group and (full or (wide and not self.writes_apart)):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def _run(
        self, rows: list[Row], options: Options, cancelled: threading.Event | None = None
    ) -> list[Generation]:
        """The rows' answers, generated together."""
        began = time.perf_counter()
        longest = max(len(row.prompt) for row in rows)
        watcher = Watcher(self._torch, rows, 1 if self.writes_apart else longest)
        watcher.cancelled = cancelled or watcher.cancelled
        try:
            with self._turn(watcher.cancelled) as mine:
                if mine:
                    self._runner.run(rows, options, watcher)
        except RagkitError:
            raise
        except Exception as error:
            raise GenerationError(
                f"{self.name!r} failed to generate: {type(error).__name__}: {error}"
            ) from error
        for row in rows:
            row.finish()
        return [row.generation(began) for row in rows]

    @contextmanager
    def _turn(self, cancelled: threading.Event) -> Iterator[bool]:
        """Waits for the model; False if the work was cancelled meanwhile."""
        while not self._lock.acquire(timeout=0.05):
            if cancelled.is_set():
                yield False
                return
        try:
            yield not cancelled.is_set()
        finally:
            self._lock.release()


def _loaded(model: Any, tokenizer: Any, options: LoadOptions) -> tuple[Any, Any]:
    """Model and tokenizer, loaded where they are named and not given."""
    if isinstance(model, str | Path) and str(model):
        source = model if tokenizer is None else tokenizer
        if isinstance(source, str | Path):
            source = load_tokenizer(source, options)
        return load_model(model, options), source
    if not hasattr(model, "generate") or not hasattr(model, "config"):
        raise InvalidInputError(
            f"model is {model!r:.80}; it has to be a folder, a hub's id or a model of transformers."
        )
    if options.given():
        raise InvalidInputError(
            f"{', '.join(options.given())}: these say how to load a model, but model is loaded "
            f"already; leave them out."
        )
    if isinstance(tokenizer, str | Path):
        tokenizer = load_tokenizer(tokenizer, options)
    if not callable(tokenizer):
        raise InvalidInputError(
            f"tokenizer is {tokenizer!r:.80}; a loaded model needs its tokenizer: pass tokenizer=…."
        )
    return model.eval(), tokenizer


def _is_llama(config: Any, tokenizer: Any) -> bool:
    marks = (tokenizer.bos_token, tokenizer.eos_token)
    return getattr(config, "model_type", "") == "llama" and marks == ("<s>", "</s>")


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """The ids that end an answer: a chat model may have several."""
    ends = getattr(model.generation_config, "eos_token_id", None)
    every = ends if isinstance(ends, list | tuple) else [ends]
    return frozenset(end for end in (*every, tokenizer.eos_token_id) if end is not None)
