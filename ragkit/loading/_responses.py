"""Parts of what Amazon Textract answered: whether they are all there, and of one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ragkit.errors import CorruptFileError, LoadError, PartialResultWarning
from ragkit.loading._response_gap import Gap
from ragkit.loading._response_part import Part, Response, id_of, named_pages, number_of, type_of
from ragkit.loading._textract_blocks import Raw

__all__ = ["Part", "Response", "check_whole", "keeping", "parts_of"]

_ALLOW = "Add it, or pass allow_missing=True to read what is there."
_STATUSES = {
    "FAILED": "the job FAILED: {why}",
    "IN_PROGRESS": "the job is still IN_PROGRESS; fetch its result when it has ended",
}


@contextmanager
def keeping(kept: str) -> Iterator[None]:
    """Inside, errors say where a job's result still is, so that it is not paid for twice."""
    try:
        yield
    except BaseException as error:
        if kept:
            error.add_note(kept)
        raise


def parts_of(found: object, name: str, kept: str = "") -> list[Part]:
    """The parts of a response.

    Args:
        found: A response, or a list of its parts.
        name: Where it was found.
        kept: See `Part`.

    Raises:
        CorruptFileError: If it is something else.
        LoadError: If it says that there is no result.
    """
    every = [found] if isinstance(found, Mapping) else found
    if not isinstance(every, list | tuple) or not every:
        raise CorruptFileError(
            f"{name!r} is no response of Amazon Textract, nor a list of its parts."
        )
    parts = []
    for number, part in enumerate(every, 1):
        shown = name if len(every) == 1 else f"{name}, part {number} of {len(every)}"
        _check_status(part, shown)
        blocks = part.get("Blocks") if isinstance(part, Mapping) else None
        if not isinstance(blocks, list | tuple):
            raise CorruptFileError(
                f"{shown!r} has no list of Blocks: {str(part)[:100]!r}. Is it a response of Amazon "
                "Textract?"
            )
        parts.append(Part(shown, part, kept))
    return parts


def _check_status(part: object, name: str) -> None:
    status = part.get("JobStatus") if isinstance(part, Mapping) else None
    if isinstance(part, Mapping) and isinstance(status, str) and status in _STATUSES:
        why = str(part.get("StatusMessage") or "no reason is given")
        raise LoadError(f"{name!r} has no result: {_STATUSES[status].format(why=why)}.")


def check_whole(
    parts: Sequence[Part], name: str, *, allow_missing: bool
) -> list[PartialResultWarning]:
    """What is worth a warning about the parts of a document.

    Ids that a relation names and no block has are nothing unusual in the answer to a single
    request; among the parts of a job they mean that a part is missing.

    Args:
        parts: All that there are, in any order.
        name: Of the document.
        allow_missing: Whether a missing part is worth a warning, and no error.

    Raises:
        CorruptFileError: If a part is missing, or some are of another document.
    """
    found = _partial(parts, name)
    _check_one_document(parts, name)
    if not _is_of_job(parts):
        return found
    # Where a warning names no pages, any page may be one that failed.
    vague = any(not one.pages for one in found)
    gap = Gap(parts, known=None if vague else {page for one in found for page in one.pages})
    if not gap:
        return found
    message = f"A part of {name!r} is missing{gap.place()}: {gap.what()}."
    if not allow_missing:
        raise CorruptFileError(f"{message} {_ALLOW}")
    return [*found, PartialResultWarning(message, code="PARTS_MISSING", pages=gap.pages)]


def _is_of_job(parts: Sequence[Part]) -> bool:
    """Whether the parts belong together, and are not one request's each."""
    if any(part.is_of_job for part in parts):
        return True
    return len(parts) > 1 and not all(any(_page_blocks(part)) for part in parts)


def _page_blocks(part: Part) -> Iterator[Raw]:
    return (block for block in part.blocks if type_of(block) == "PAGE")


def _partial(parts: Sequence[Part], name: str) -> list[PartialResultWarning]:
    """The warnings of a job that succeeded in part; those of each part are the same."""
    if not any(part.content.get("JobStatus") == "PARTIAL_SUCCESS" for part in parts):
        return []
    said = {
        (str(one.get("ErrorCode") or ""), tuple(one.get("Pages") or ())): None
        for part in parts
        for one in part.content.get("Warnings") or ()
        if isinstance(one, Mapping)
    }
    return [
        PartialResultWarning(
            f"Textract analysed {name!r} in part only (PARTIAL_SUCCESS)"
            + (f": {code}" if code else "")
            + (f", on {named_pages(pages)}" if pages else "")
            + ". What it found is kept.",
            code=code,
            pages=pages,
        )
        for code, pages in said or {("", ()): None}
    ]


def _check_one_document(parts: Sequence[Part], name: str) -> None:
    """Nothing, if all parts can be of one job, or of one request each.

    Raises:
        CorruptFileError: If they can't.
    """
    if len(parts) == 1:
        return
    _check_same(parts, name, "JobId")
    seen: dict[str, Part] = {}
    numbers: dict[int | None, Part] = {}
    for part in parts:
        own = {key for block in part.blocks if (key := id_of(block)) is not None}
        again = min(own & seen.keys(), default=None)
        if again is not None:
            raise CorruptFileError(
                f"{name!r} has block {again!r} twice: in {seen[again].name!r} and in "
                f"{part.name!r}. Is one of them there twice?"
            )
        seen |= dict.fromkeys(own, part)
        for page in map(number_of, _page_blocks(part) if part.is_of_job else ()):
            if page is not None and page in numbers:
                raise CorruptFileError(
                    f"{name!r} has page {page} twice: in {numbers[page].name!r} and in "
                    f"{part.name!r}. They are of two jobs; read each by itself."
                )
            numbers[page] = part
    _check_counts(parts, name)
    last = [part.name for part in parts if not part.follows]
    if len(last) > 1 and len(last) < len(parts):
        raise CorruptFileError(
            f"{name!r} has {len(last)} last parts, without a NextToken: {last[0]!r} and "
            f"{last[1]!r}. They are of several jobs; read each by itself."
        )


def _check_counts(parts: Sequence[Part], name: str) -> None:
    """Each part of a job says how many pages the document has."""
    said: dict[int, str] = {}
    for part in parts:
        if part.is_of_job and part.pages is not None:
            said.setdefault(part.pages, part.name)
    if len(said) > 1:
        (one, first), (two, second) = list(said.items())[:2]
        raise CorruptFileError(
            f"{name!r} has parts of documents of {one} and of {two} pages: {first!r} and "
            f"{second!r}. They are of two jobs; read each by itself."
        )


def _check_same(parts: Sequence[Part], name: str, key: str) -> None:
    found: dict[object, str] = {}
    for part in parts:
        if part.content.get(key):
            found.setdefault(part.content[key], part.name)
    if len(found) > 1:
        (one, first), (two, second) = list(found.items())[:2]
        raise CorruptFileError(
            f"{name!r} has parts of two jobs: {one!r} in {first!r} and {two!r} in {second!r}. "
            "Read each by itself."
        )
