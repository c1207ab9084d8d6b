"""Bulk jobs: large files embedded in shards, resumable, here or on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.jobs.embedding import JobOptions, embed_jsonl
    from ragkit.jobs.lines import BadLine
    from ragkit.jobs.report import EmbedReport
    from ragkit.jobs.shards import EmbeddedShard, Executor, Shard, ShardWork

_WHERE = {
    "BadLine": "ragkit.jobs.lines",
    "EmbedReport": "ragkit.jobs.report",
    "EmbeddedShard": "ragkit.jobs.shards",
    "Executor": "ragkit.jobs.shards",
    "JobOptions": "ragkit.jobs.embedding",
    "Shard": "ragkit.jobs.shards",
    "ShardWork": "ragkit.jobs.shards",
    "embed_jsonl": "ragkit.jobs.embedding",
}

__all__ = [
    "BadLine",
    "EmbedReport",
    "EmbeddedShard",
    "Executor",
    "JobOptions",
    "Shard",
    "ShardWork",
    "embed_jsonl",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
