"""The command ``ragkit``; ``python -m ragkit`` is the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import click

from ragkit._version import __version__
from ragkit.errors import RagkitError

__all__ = ["main"]


class _Commands(click.Group):
    """Shows an error of ragkit's in one line, and ends with 1; click ends with 2 for usage."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RagkitError as error:
            raise click.ClickException(" ".join(str(error).split())) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ragkit")
def main() -> None:
    """Ask your documents, and prepare them."""


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@main.command()
@click.argument("src")
@click.argument("dst")
@_options(
    click.option("--embedder", default="minilm", show_default=True, metavar="PROVIDER[:MODEL]"),
    click.option("--field", default="text_inputs", show_default=True, help="Of the text."),
    click.option("--id-field", default="id", show_default=True, help="Of the id."),
    click.option("--no-ids", is_flag=True, help="Takes the numbers of the lines as ids."),
    click.option("--executor", type=click.Choice(["local", "ray"]), default="local"),
    click.option("--workers", type=int, help="Processes, or Ray's actors."),
    click.option("--threads", type=int, help="Of each worker's model; 1 by default."),
    click.option("--shard-rows", type=int, default=512, show_default=True),
    click.option("--resume/--no-resume", default=True, help="Whether to go on where it was."),
    click.option("--work-folder", help="Of the finished shards; by default DST.work."),
    click.option("--endpoint-url", help="Of S3, where it is not Amazon's."),
    click.option("--progress/--no-progress", default=None, help="A bar on standard error."),
    click.option("--json", "as_json", is_flag=True, help="Prints the report as JSON."),
)
def embed(src: str, dst: str, *, no_ids: bool, as_json: bool, **options: Any) -> None:
    """Embed the texts of SRC, a JSONL file, into DST: .jsonl, .parquet or .npy.

    Both may be paths or s3://bucket/key. A job that was stopped goes on when it is started again.
    """
    from ragkit.jobs import embed_jsonl

    id_field = None if no_ids else options["id_field"]
    with redirect_stdout(sys.stderr):  # for what libraries print, such as Ray
        report = embed_jsonl(src, dst, **{**options, "id_field": id_field})
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        click.echo(str(report), err=True)
