"""The names of amazon-textract-textractor and amazon-textract-caller, on ragkit's own parts.

::

    from ragkit.compat import Textractor, TextractFeatures, TextLinearizationConfig

    extractor = Textractor(profile_name="default")
    document = extractor.analyze_document(
        file_source="scan.png", features=[TextractFeatures.LAYOUT], save_image=True
    )
    document.pages[0].page_layout.titles.visualize()
    print(document.get_text(config=TextLinearizationConfig(hide_figure_layout=True)))

What differs from the originals: no word is lost or repeated; an option that does not exist is an
error; searches find what is most alike, and not what is least; what a document was uploaded as is
deleted when its job has ended; errors are ragkit's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.compat.textractor.caller import (
        Adapter,
        AdaptersConfig,
        NotificationChannel,
        OutputConfig,
        QueriesConfig,
        Query,
        Textract_API,
        Textract_Call_Mode,
        Textract_Features,
        call_textract,
    )
    from ragkit.compat.textractor.client import Textractor
    from ragkit.compat.textractor.configs import (
        HTMLLinearizationConfig,
        MarkdownLinearizationConfig,
        TextLinearizationConfig,
    )
    from ragkit.compat.textractor.constants import (
        SelectionStatus,
        SimilarityMetric,
        TextractAPI,
        TextractFeatures,
        TextTypes,
    )
    from ragkit.compat.textractor.document import Document
    from ragkit.compat.textractor.entity_list import EntityList
    from ragkit.compat.textractor.lazy_document import LazyDocument

_HOME = {
    "ragkit.compat.textractor.caller": (
        "Adapter",
        "AdaptersConfig",
        "NotificationChannel",
        "OutputConfig",
        "QueriesConfig",
        "Query",
        "Textract_API",
        "Textract_Call_Mode",
        "Textract_Features",
        "call_textract",
    ),
    "ragkit.compat.textractor.client": ("Textractor",),
    "ragkit.compat.textractor.configs": (
        "HTMLLinearizationConfig",
        "MarkdownLinearizationConfig",
        "TextLinearizationConfig",
    ),
    "ragkit.compat.textractor.constants": (
        "SelectionStatus",
        "SimilarityMetric",
        "TextTypes",
        "TextractAPI",
        "TextractFeatures",
    ),
    "ragkit.compat.textractor.document": ("Document",),
    "ragkit.compat.textractor.entity_list": ("EntityList",),
    "ragkit.compat.textractor.lazy_document": ("LazyDocument",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Adapter",
    "AdaptersConfig",
    "Document",
    "EntityList",
    "HTMLLinearizationConfig",
    "LazyDocument",
    "MarkdownLinearizationConfig",
    "NotificationChannel",
    "OutputConfig",
    "QueriesConfig",
    "Query",
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
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
