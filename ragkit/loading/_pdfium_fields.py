"""Fields of a page's form: PDFium leaves out of a page's text what is filled in."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2_raw as raw

from ragkit.layout.analysis.fields import FormField
from ragkit.layout.model import Word
from ragkit.loading._pdfium_frame import Edges, Frame
from ragkit.provenance import Box

__all__ = ["read_fields"]

MAX_FIELDS = 5_000
"""Fields of a page that are looked at."""
MAX_VALUE = 1_000_000
"""Bytes of a field's value; a longer one is an attack or damage."""

_HIDDEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TEXTS = (
    raw.FPDF_FORMFIELD_TEXTFIELD,
    raw.FPDF_FORMFIELD_COMBOBOX,
    raw.FPDF_FORMFIELD_LISTBOX,
)
_MARKS = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
_LARGEST = 12.0
"""Points of a value's letters, at most: fields may be much higher than a line."""
_WIDE = 0.5
"""Width of a letter in the mean, as a part of its size."""


def read_fields(page: Any, form: Any, frame: Frame) -> list[FormField]:
    """The fields for text and choices, and the boxes to tick, whether they are filled in or not.

    Args:
        page: An open page.
        form: Handle of the document's form.
        frame: Of the page.

    Raises:
        ValueError: If a value is longer than `MAX_VALUE`.
    """
    found = []
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_FIELDS)):
        with _annotation(page, number) as annotation:
            field = _field(annotation, form, frame) if annotation else None
            if field is not None:
                found.append(field)
    return found


@contextmanager
def _annotation(page: Any, number: int) -> Iterator[Any]:
    annotation = raw.FPDFPage_GetAnnot(page, number)
    try:
        yield annotation
    finally:
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)


def _field(annotation: Any, form: Any, frame: Frame) -> FormField | None:
    """The field that an annotation shows; None where it shows none."""
    rect = raw.FS_RECTF()
    if not _is_shown(annotation) or not raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
        return None
    kind, edges = raw.FPDFAnnot_GetFormFieldType(form, annotation), frame.upright(rect)
    box = _box(edges, frame)
    if kind in _MARKS:
        # The name of its looks: PDFium's own answer needs the form's scripts to be run.
        looks = _read(lambda *into: raw.FPDFAnnot_GetStringValue(annotation, b"AS", *into))
        words = _words("☐" if looks in ("", "Off") else "☒", edges, frame)
        return FormField(tuple(words), "", is_mark=True, box=box)
    if kind not in _TEXTS:
        return None
    words = _words(_value(annotation, form), edges, frame)
    return FormField(tuple(words), _name(annotation, form), is_mark=False, box=box)


def _is_shown(annotation: Any) -> bool:
    is_field = raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET
    return is_field and not raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN


def _value(annotation: Any, form: Any) -> str:
    return _read(lambda *into: raw.FPDFAnnot_GetFormFieldValue(form, annotation, *into))


def _name(annotation: Any, form: Any) -> str:
    """What its author calls it: the hint that is shown over it, or else its name."""
    hint = _read(lambda *into: raw.FPDFAnnot_GetFormFieldAlternateName(form, annotation, *into))
    name = _read(lambda *into: raw.FPDFAnnot_GetFormFieldName(form, annotation, *into))
    return " ".join((hint if hint.strip() else name).split())


def _read(get: Callable[[Any, int], int]) -> str:
    """A text of which PDFium first gives the size."""
    size = get(None, 0)
    if size > MAX_VALUE:
        raise ValueError(f"a field has a value of {size:,} bytes, more than {MAX_VALUE:,}")
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    get(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\0", "")


def _words(value: str, edges: Edges, frame: Frame) -> list[Word]:
    """The value's words, in letters of a usual width; the last of a line fills up the field.

    So there is no column between the words, and none between a field and what is beside it.
    """
    lines = [" ".join(line.split()) for line in value.splitlines() if line.strip()]
    if not lines:
        return []
    x0, y0, x1, y1 = edges
    high = (y1 - y0) / len(lines)
    size = round(min(0.75 * high, _LARGEST), 2)
    words = []
    for number, line in enumerate(lines):
        top, at = y0 + number * high, 0
        wide = min(_WIDE * size, (x1 - x0) / len(line))
        for part in line.split():
            left, right = x0 + wide * at, x0 + wide * (at + len(part))
            at += len(part) + 1
            box = _box((left, top, right if at < len(line) else x1, top + high), frame)
            words.append(Word(part, box, size))
    return words


def _box(edges: Edges, frame: Frame) -> Box:
    x0, y0, x1, y1 = edges
    return Box(x0 / frame.width, y0 / frame.height, x1 / frame.width, y1 / frame.height)
