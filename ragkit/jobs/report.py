"""What a job says when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ragkit.jobs.lines import BadLine

__all__ = ["MOST_BAD", "EmbedReport"]

MOST_BAD = 100
"""Bad lines that a report lists; all are in the file beside the output."""


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What became of a job.

    Attributes:
        output: The file of vectors, as it was asked for.
        rows: Vectors in it.
        bad_lines: How many lines were left out.
        bad: The first 100 of them; all are in the file ``<output>.bad.jsonl``.
        truncated: How many texts were longer than the embedder reads; None if that is not known:
            the embedder does not tell, served others at the same time, or had vectors from its
            cache.
        shards: How many shards there are.
        reused: How many of them an earlier run had finished.
        seconds: Of this run.
        sha256: Of the output.
    """

    output: str
    rows: int
    bad_lines: int
    bad: tuple[BadLine, ...]
    truncated: int | None
    shards: int
    reused: int
    seconds: float
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        speed = f"{self.rows / self.seconds:,.0f}/s" if self.seconds > 0 else "at once"
        text = f"{self.rows:,} rows to {self.output} in {self.seconds:,.1f} s ({speed})"
        if self.reused:
            text += f"; {self.reused} of {self.shards} shards were there already"
        if self.truncated:
            text += f"; {self.truncated:,} texts were too long and lost their end"
        if self.bad_lines:
            first = self.bad[0]
            text += f"; {self.bad_lines:,} bad lines, the first {first.line}: {first.reason}"
        return text
