"""Amazon's services: one client of each, models on SageMaker endpoints, documents and Textract.

Whoever creates an endpoint pays for it by the hour until it is deleted, asked or not: use it in a
``with`` block, or call `delete`; `leftovers` finds what was forgotten. Needs the extra ``aws``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.aws.autoscaling import Autoscaling
    from ragkit.aws.calls import Call, Plan
    from ragkit.aws.containers import lmi_image, tei_image
    from ragkit.aws.deployment import DeployOptions, deploy_embedder, deploy_llm
    from ragkit.aws.endpoint import SageMakerEndpoint, attach
    from ragkit.aws.remaining import Leftover, Leftovers, leftovers
    from ragkit.aws.service import AWSService
    from ragkit.aws.settings import LMISettings, TEISettings
    from ragkit.aws.textract_analysis import (
        AnalysisConnection,
        AnalysisOptions,
        aanalyze_document,
        analyze_document,
        resume_analysis,
        start_analysis,
    )
    from ragkit.aws.textract_jobs import TextractJob
    from ragkit.aws.textract_request import TextractQuery
    from ragkit.aws.training import TrainingJob, TrainOptions, train_neighbors
    from ragkit.aws.transform import TransformJob, TransformOptions, batch_transform
    from ragkit.aws.transform_output import TransformRow, read_transform_output

__all__ = [
    "AWSService",
    "AnalysisConnection",
    "AnalysisOptions",
    "Autoscaling",
    "Call",
    "DeployOptions",
    "LMISettings",
    "Leftover",
    "Leftovers",
    "Plan",
    "SageMakerEndpoint",
    "TEISettings",
    "TextractJob",
    "TextractQuery",
    "TrainOptions",
    "TrainingJob",
    "TransformJob",
    "TransformOptions",
    "TransformRow",
    "aanalyze_document",
    "analyze_document",
    "attach",
    "batch_transform",
    "deploy_embedder",
    "deploy_llm",
    "leftovers",
    "lmi_image",
    "read_transform_output",
    "resume_analysis",
    "start_analysis",
    "tei_image",
    "train_neighbors",
]

_HOME = {
    "ragkit.aws.autoscaling": ("Autoscaling",),
    "ragkit.aws.calls": ("Call", "Plan"),
    "ragkit.aws.containers": ("lmi_image", "tei_image"),
    "ragkit.aws.deployment": ("DeployOptions", "deploy_embedder", "deploy_llm"),
    "ragkit.aws.endpoint": ("SageMakerEndpoint", "attach"),
    "ragkit.aws.remaining": ("Leftover", "Leftovers", "leftovers"),
    "ragkit.aws.service": ("AWSService",),
    "ragkit.aws.settings": ("LMISettings", "TEISettings"),
    "ragkit.aws.textract_analysis": (
        "AnalysisConnection",
        "AnalysisOptions",
        "aanalyze_document",
        "analyze_document",
        "resume_analysis",
        "start_analysis",
    ),
    "ragkit.aws.textract_jobs": ("TextractJob",),
    "ragkit.aws.textract_request": ("TextractQuery",),
    "ragkit.aws.training": ("TrainOptions", "TrainingJob", "train_neighbors"),
    "ragkit.aws.transform": ("TransformJob", "TransformOptions", "batch_transform"),
    "ragkit.aws.transform_output": ("TransformRow", "read_transform_output"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
