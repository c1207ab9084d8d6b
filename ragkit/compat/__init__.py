"""The names of the 2023 tutorials, so that their scripts run with only the imports replaced.

::

    from ragkit.compat import (
        Chroma, LLMChain, Pinecone, PromptTemplate, PyPDFDirectoryLoader,
        RecursiveCharacterTextSplitter, RetrievalQA,
    )

What differs from the originals: `Chroma` and `Pinecone` keep their vectors in ragkit's own local
store unless told otherwise; a prompt has BOS once, whether or not the template begins with
``<s>``; an option that does not exist is an error. New code is better off with the names in
`ragkit` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.compat.chains import LLMChain, PromptTemplate, RetrievalQA
    from ragkit.compat.loaders import PyPDFDirectoryLoader, PyPDFLoader
    from ragkit.compat.splitters import RecursiveCharacterTextSplitter
    from ragkit.compat.vectorstores import Chroma, Pinecone, pinecone

__all__ = [
    "Chroma",
    "LLMChain",
    "Pinecone",
    "PromptTemplate",
    "PyPDFDirectoryLoader",
    "PyPDFLoader",
    "RecursiveCharacterTextSplitter",
    "RetrievalQA",
    "pinecone",
]

_WHERE = {
    "Chroma": "ragkit.compat.vectorstores",
    "LLMChain": "ragkit.compat.chains",
    "Pinecone": "ragkit.compat.vectorstores",
    "PromptTemplate": "ragkit.compat.chains",
    "PyPDFDirectoryLoader": "ragkit.compat.loaders",
    "PyPDFLoader": "ragkit.compat.loaders",
    "RecursiveCharacterTextSplitter": "ragkit.compat.splitters",
    "RetrievalQA": "ragkit.compat.chains",
    "pinecone": "ragkit.compat.vectorstores",
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
