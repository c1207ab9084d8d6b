"""The names of the 2023 tutorials, so that their scripts run with only the imports replaced.

Those of LangChain, and of Amazon Textract's Textractor and caller (`ragkit.compat.textractor`).

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
from ragkit.compat import textractor

if TYPE_CHECKING:
    from ragkit.compat.chains import LLMChain, PromptTemplate, RetrievalQA
    from ragkit.compat.loaders import PyPDFDirectoryLoader, PyPDFLoader
    from ragkit.compat.splitters import RecursiveCharacterTextSplitter
    from ragkit.compat.textractor import (
        Adapter,
        AdaptersConfig,
        Document,
        EntityList,
        HTMLLinearizationConfig,
        LazyDocument,
        MarkdownLinearizationConfig,
        NotificationChannel,
        OutputConfig,
        QueriesConfig,
        Query,
        SelectionStatus,
        SimilarityMetric,
        TextLinearizationConfig,
        Textract_API,
        Textract_Call_Mode,
        Textract_Features,
        TextractAPI,
        TextractFeatures,
        Textractor,
        TextTypes,
        call_textract,
    )
    from ragkit.compat.vectorstores import Chroma, Pinecone, pinecone

__all__ = [
    "Adapter",
    "AdaptersConfig",
    "Chroma",
    "Document",
    "EntityList",
    "HTMLLinearizationConfig",
    "LLMChain",
    "LazyDocument",
    "MarkdownLinearizationConfig",
    "NotificationChannel",
    "OutputConfig",
    "Pinecone",
    "PromptTemplate",
    "PyPDFDirectoryLoader",
    "PyPDFLoader",
    "QueriesConfig",
    "Query",
    "RecursiveCharacterTextSplitter",
    "RetrievalQA",
    "SelectionStatus",
    "SimilarityMetric",
    "TextLinearizationConfig",
    "TextTypes",
    "TextractAPI",
    "TextractFeatures",
    "Textract_API",
    "Textract_Call_Mode",
    "Textract_Features",
    "Textractor",
    "call_textract",
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
    **dict.fromkeys(textractor.__all__, textractor.__name__),
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
