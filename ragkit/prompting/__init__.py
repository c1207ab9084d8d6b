"""From a question and hits to what a model reads: templates, numbered sources, Llama-2's format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.prompting.budget import FittedHits, TokenBudget
    from ragkit.prompting.chat import render_chat
    from ragkit.prompting.context import fit_context, format_context
    from ragkit.prompting.estimating import estimate_tokens
    from ragkit.prompting.llama2 import Llama2Prompt, render_llama2
    from ragkit.prompting.safety import neutralise
    from ragkit.prompting.template import DEFAULT_SYSTEM, DEFAULT_USER, PromptTemplate

__all__ = [
    "DEFAULT_SYSTEM",
    "DEFAULT_USER",
    "FittedHits",
    "Llama2Prompt",
    "PromptTemplate",
    "TokenBudget",
    "estimate_tokens",
    "fit_context",
    "format_context",
    "neutralise",
    "render_chat",
    "render_llama2",
]

_HOME = {
    "ragkit.prompting.budget": ("FittedHits", "TokenBudget"),
    "ragkit.prompting.chat": ("render_chat",),
    "ragkit.prompting.context": ("fit_context", "format_context"),
    "ragkit.prompting.estimating": ("estimate_tokens",),
    "ragkit.prompting.llama2": ("Llama2Prompt", "render_llama2"),
    "ragkit.prompting.safety": ("neutralise",),
    "ragkit.prompting.template": ("DEFAULT_SYSTEM", "DEFAULT_USER", "PromptTemplate"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
