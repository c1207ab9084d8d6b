"""Index the sample documents and ask them, offline: no key, no server, no download.

python examples/quickstart.py [FOLDER [QUESTION …]]
"""

import sys
import tempfile
from pathlib import Path

import ragkit

FOLDER = Path(__file__).parent / "data"
QUESTIONS = [
    "Until when is the library open on Saturdays?",
    "What share of the water was lost in 2023?",
    "How much is the deposit for a cargo bicycle?",
]


def main(folder: Path = FOLDER, questions: list[str] = QUESTIONS) -> None:
    with tempfile.TemporaryDirectory() as scratch, ragkit.Index(scratch) as index:
        print(f"Synced {folder.name}: {index.sync(folder)}")
        info = index.info()
        print(f"{info.chunks} chunks of {info.sources} files, embedded by {info.embedder}\n")
        for question in questions:
            answer = index.ask(question)
            print(f"Q: {question}\n{answer}")
            for citation in answer.citations[:1]:
                print(f"The first quote: characters {citation.start} to {citation.end}")
                for region in citation.regions:
                    print(f"    page {region.page + 1} {edges(region.box)}")
            print()


def edges(box: ragkit.Box) -> str:
    """Left, top, right and bottom, in fractions of the page."""
    return f"({box.x0:.3f}, {box.y0:.3f}, {box.x1:.3f}, {box.y1:.3f})"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(Path(arguments[0]) if arguments else FOLDER, arguments[1:] or QUESTIONS)
