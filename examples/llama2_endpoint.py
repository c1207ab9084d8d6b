"""Ask PDFs with Llama 2: load, split, embed, store, ask, and print the answers' sources.

`llama2_local.py` and `llama2_endpoint.py` differ in one line, which says where the model is.
Without a model as the argument, a tiny one stands in for it, in the same place.

    python examples/llama2_local.py transformers:meta-llama/Llama-2-7b-chat-hf
    python examples/llama2_endpoint.py openai:llama-2-7b-chat@http://localhost:8000/v1
"""

import sys
import textwrap
from contextlib import nullcontext
from pathlib import Path

from support.stand_in import stand_in

from ragkit import (
    DirectoryLoader,
    LayoutLinearizer,
    Llama2Prompt,
    LocalStore,
    RecursiveSplitter,
    RetrievalQA,
    load_embedder,
    load_llm,
)

MODEL = "openai:llama-2-7b-chat@http://localhost:8000/v1"

FOLDER = Path(__file__).parent / "data"
QUESTIONS = [
    "Until when is the library open on Saturdays?",
    "What share of the water was lost in 2023?",
]
PROMPT = Llama2Prompt(
    system="Answer from the context in a sentence and cite it, like [1]. Else say: I don't know.",
    user="{context}\n\n{question}",
)
WINDOW = 4096  # Llama 2's tokens, for an endpoint, which does not tell


def main(model: str) -> None:
    pages = DirectoryLoader(FOLDER, glob="*.pdf").load()
    docs = LayoutLinearizer().transform(pages)
    chunks = RecursiveSplitter(chunk_size=250, chunk_overlap=0).split_documents(docs)
    store = LocalStore.from_documents(chunks, load_embedder("minilm"))
    print(f"{len(pages)} PDFs, {len(docs)} pages, {len(chunks)} chunks\n")

    llm = load_llm(model)
    window = getattr(llm, "window", None) or WINDOW
    qa = RetrievalQA(llm, store.as_retriever(k=2), PROMPT, window=window, max_tokens=80)
    for question in QUESTIONS:
        answer = qa.ask(question)
        print(f"Q: {question}\n{textwrap.fill(answer.text, width=100)}")
        for hit in answer.hits:
            source, page = Path(hit.document.source).name, hit.document.metadata["page_label"]
            passage = textwrap.shorten(hit.document.page_content, width=70, placeholder=" …")
            print(f"  [{hit.rank + 1}] {source}, page {page}: {passage}")
        print()

    print(f"Streamed: {QUESTIONS[0]}")
    for piece in qa.stream(QUESTIONS[0]):
        print(piece, end="", flush=True)
    print()


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else None
    with nullcontext(chosen) if chosen else stand_in(MODEL) as model:
        main(model)
