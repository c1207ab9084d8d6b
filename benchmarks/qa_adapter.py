"""ragkit's defaults behind the adapter that the shared scorer ``qa_score.py`` calls.

    python ../shared/tools/qa_score.py --data ../shared/data/qa \\
        --system benchmarks.qa_adapter:make --tasks faq,squad,me_blog,answers
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ragkit import (
    Document,
    LayoutLinearizer,
    LocalStore,
    PDFLoader,
    RetrievalQA,
    TokenSplitter,
    load_embedder,
    load_llm,
)
from ragkit.index import DEFAULT_K, DEFAULT_MODE


class System:
    """The same parts, with the same defaults, that `ragkit.Index` wires together."""

    def __init__(self, mode: str = DEFAULT_MODE) -> None:
        embedder = load_embedder("minilm")
        self.mode = mode
        self.splitter = TokenSplitter(embedder=embedder)
        self.store = LocalStore(":memory:", embedder=embedder)
        retriever = self.store.as_retriever(k=DEFAULT_K, mode=mode)
        self.qa = RetrievalQA(load_llm("extractive"), retriever)

    def index_texts(self, items: list[dict[str, str]]) -> None:
        documents = [
            Document(
                f"{item['title']}\n{item['text']}" if item["title"] else item["text"],
                {"source": item["id"], "head": len(item["title"]) + 1 if item["title"] else 0},
            )
            for item in items
        ]
        self.store.add_documents(self.splitter.split_documents(documents))

    def index_pdfs(self, paths: list[str]) -> None:
        layouts = PDFLoader(paths).lazy_load()
        pages = LayoutLinearizer().transform(layouts)
        self.store.add_documents(self.splitter.split_documents(pages))

    def search(self, question: str, k: int) -> list[dict[str, Any]]:
        return [self._row(hit) for hit in self.store.search(question, k, mode=self.mode)]

    def _row(self, hit: Any) -> dict[str, Any]:
        document = hit.document
        head = document.metadata.get("head", 0)
        return {
            "id": document.source,
            "doc": Path(document.source).stem,
            "page": document.metadata.get("page"),
            "text": document.page_content,
            "score": hit.score,
            "start": max(0, document.start - head),
            "end": document.end - head,
        }

    def answer(self, question: str) -> str:
        answer = self.qa.ask(question)
        return "" if answer.abstained else answer.text


def make() -> System:
    return System()


def make_dense() -> System:
    return System("dense")
