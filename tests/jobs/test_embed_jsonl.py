"""A JSONL file embedded as a whole: what is written, what is left out, what is done again."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from cheap_embedders import LETTERS, embedder, letters
from filelock import FileLock

from ragkit import FunctionEmbedder, OnnxEmbedder
from ragkit.embedding import CachedEmbedder
from ragkit.errors import (
    InvalidInputError,
    JobError,
    MissingFileError,
    UnknownOptionError,
)
from ragkit.jobs import Shard, ShardWork, embed_jsonl


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def counted(calls):
    """An embedder that notes each text it is asked for."""

    def embed(text):
        calls.append(text)
        return letters(text)

    return FunctionEmbedder(embed, dimension=len(LETTERS), name="letters")


def test_rows_come_in_order_and_exact(texts, tmp_path):
    out = tmp_path / "out.jsonl"
    report = embed_jsonl(texts, out, embedder(), shard_rows=32)

    inputs, outputs = rows_of(texts), rows_of(out)
    assert [row["id"] for row in outputs] == [row["id"] for row in inputs]
    expected = embedder().embed([row["text_inputs"] for row in inputs])
    assert np.array_equal(np.array([row["embedding"] for row in outputs], np.float32), expected)
    assert (report.rows, report.bad_lines, report.shards, report.reused) == (200, 0, 7, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in.jsonl", "out.jsonl", "out.jsonl.manifest.json",
    ]  # fmt: skip
    assert str(report).startswith(f"200 rows to {out} in ")


def test_npy_has_the_same_vectors_and_its_ids_beside_it(texts, tmp_path):
    embed_jsonl(texts, tmp_path / "out.jsonl", embedder(), shard_rows=64)
    embed_jsonl(texts, tmp_path / "out.npy", embedder(), shard_rows=64)
    rows = rows_of(tmp_path / "out.jsonl")
    array = np.load(tmp_path / "out.npy")
    assert np.array_equal(array, np.array([row["embedding"] for row in rows], np.float32))
    assert rows_of(tmp_path / "out.npy.ids.jsonl") == [row["id"] for row in rows]


def test_parquet_has_the_same_vectors(texts, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    embed_jsonl(texts, tmp_path / "out.npy", embedder(), shard_rows=64)
    for name in ("out.parquet", "again.parquet"):
        embed_jsonl(texts, tmp_path / name, embedder(), shard_rows=64)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table["id"].to_pylist() == [f"row-{n}" for n in range(200)]
    assert np.array_equal(np.stack(table["embedding"].to_numpy()), np.load(tmp_path / "out.npy"))
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()


BAD = {
    b"{oops": "not JSON",
    b"[1]": "not an object but a list",
    b'{"id": 1}': "no 'text_inputs'; it has 'id'",
    b'{"id": 1, "text_inputs": " "}': "'text_inputs' is empty",
    b'{"id": 1, "text_inputs": 5}': "'text_inputs' is a number, not a text",
    b'{"text_inputs": "x"}': "no 'id'",
    b'{"id": true, "text_inputs": "x"}': "'id' is true or false",
    b'{"id": 1, "text_inputs": "\xff"}': "not UTF-8",
    b'{"id": 1, "text_inputs": "\\ud800"}': "half of a surrogate pair",
    b"[" * 100_000: "not JSON that can be read",
    b'{"id": %s, "text_inputs": "x"}' % (b"9" * 5000): "not JSON that can be read",
}


def test_bad_lines_are_left_out_and_reported_with_their_numbers(tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = b'{"id": 5, "text_inputs": "good"}'
    source.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\n" + b"\n".join(BAD) + b"\n" + good)

    report = embed_jsonl(source, out, embedder())

    assert [row["id"] for row in rows_of(out)] == [5, 5]
    assert report.bad_lines == len(BAD)
    for number, (bad, reason) in enumerate(zip(report.bad, BAD.values(), strict=True), 3):
        assert bad.line == number
        assert reason in bad.reason
    assert [row["line"] for row in rows_of(tmp_path / "out.jsonl.bad.jsonl")] == [
        bad.line for bad in report.bad
    ]


def test_a_line_too_long_for_the_memory_is_a_bad_line(tmp_path, monkeypatch):
    monkeypatch.setattr("ragkit.jobs.lines.LONGEST_LINE", 100)
    source = tmp_path / "in.jsonl"
    long = json.dumps({"id": 1, "text_inputs": "x" * 500})
    source.write_text(f'{long}\n{{"id": 2, "text_inputs": "short"}}\n')
    report = embed_jsonl(source, tmp_path / "out.jsonl", embedder())
    assert [(bad.line, bad.reason) for bad in report.bad] == [(1, "longer than 100 bytes")]
    assert report.rows == 1


def test_without_ids_rows_have_the_number_of_their_line(tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "one"}\n\nnothing\n{"text": "four"}\n')
    embed_jsonl(source, out, embedder(), field="text", id_field=None)
    assert [row["id"] for row in rows_of(out)] == [1, 4]


@pytest.mark.parametrize("suffix", [".jsonl", ".npy"])
def test_an_input_without_rows(tmp_path, suffix):
    (tmp_path / "in.jsonl").touch()
    out = tmp_path / f"out{suffix}"
    assert embed_jsonl(tmp_path / "in.jsonl", out, embedder()).rows == 0
    if suffix == ".npy":
        assert np.load(out).shape == (0, len(LETTERS))
    else:
        assert out.read_bytes() == b""


def test_a_job_that_is_done_is_not_done_again(texts, tmp_path):
    out, calls = tmp_path / "out.jsonl", []
    first = embed_jsonl(texts, out, counted(calls), shard_rows=32)
    again = embed_jsonl(texts, out, counted(calls), shard_rows=32)
    assert len(calls) == 200
    assert (again.sha256, again.rows, again.reused) == (first.sha256, 200, 7)
    embed_jsonl(texts, out, counted(calls), shard_rows=32, resume=False)
    assert len(calls) == 400
    out.write_bytes(out.read_bytes()[:-9])  # damaged: it is made anew
    assert embed_jsonl(texts, out, counted(calls), shard_rows=32).sha256 == first.sha256


def interrupted(texts, out, **options):
    """A job that ends after two shards."""

    def two(work, shards):
        for shard, _ in zip(shards, range(2), strict=False):
            yield work(shard)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_jsonl(texts, out, embedder(), executor=two, shard_rows=32, **options)


def test_finished_shards_are_not_embedded_again(texts, tmp_path):
    whole, out, calls = tmp_path / "whole.jsonl", tmp_path / "out.jsonl", []
    embed_jsonl(texts, whole, embedder(), shard_rows=32)
    interrupted(texts, out)
    same = FunctionEmbedder(counted(calls)._function, dimension=26, name="cheap_embedders.letters")
    report = embed_jsonl(texts, out, same, shard_rows=32)
    assert (report.reused, len(calls)) == (2, 200 - 64)
    assert out.read_bytes() == whole.read_bytes()
    manifests = [(tmp_path / f"{name}.jsonl.manifest.json") for name in ("whole", "out")]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()


def test_a_changed_line_redoes_its_shard_alone(texts, tmp_path):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    interrupted(texts, out)
    lines = texts.read_text().splitlines()
    lines[40] = '{"id": "new", "text_inputs": "changed"}'
    texts.write_text("\n".join(lines))
    assert embed_jsonl(texts, out, embedder(), shard_rows=32).reused == 1
    embed_jsonl(texts, whole, embedder(), shard_rows=32)
    assert out.read_bytes() == whole.read_bytes()


def test_another_embedder_shares_no_shard(texts, tmp_path):
    out = tmp_path / "out.jsonl"
    interrupted(texts, out)
    other = FunctionEmbedder(letters, dimension=len(LETTERS), normalize=False)
    assert embed_jsonl(texts, out, other, shard_rows=32).reused == 0
    first = rows_of(out)[0]["embedding"]
    assert np.array_equal(np.array(first, np.float32), other.embed(["row 0 says "])[0])


def test_a_damaged_shard_is_done_again(texts, tmp_path):
    out = tmp_path / "out.jsonl"
    interrupted(texts, out)
    data = tmp_path / "out.jsonl.work" / "shards" / "00000000.data"
    data.write_bytes(data.read_bytes()[:-3])
    assert embed_jsonl(texts, out, embedder(), shard_rows=32).reused == 1


def test_a_job_that_is_under_way_is_left_alone(texts, tmp_path):
    (tmp_path / "out.jsonl.work").mkdir()
    with (
        FileLock(tmp_path / "out.jsonl.work" / "lock"),
        pytest.raises(JobError, match="Another process is at the same job"),
    ):
        embed_jsonl(texts, tmp_path / "out.jsonl", embedder())


def test_a_work_folder_of_ones_own_keeps_what_is_not_the_job_s(texts, tmp_path):
    folder = tmp_path / "work"
    interrupted(texts, tmp_path / "out.jsonl", work_folder=folder)
    (folder / "mine").touch()
    (folder / "out.jsonl.work" / "mine").touch()
    out, options = tmp_path / "out.jsonl", {"shard_rows": 32, "work_folder": folder}
    assert embed_jsonl(texts, out, embedder(), **options).reused == 2
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    assert left == ["mine", "out.jsonl.work", "out.jsonl.work/mine"]


def test_a_disk_that_is_full_is_told_as_such(texts, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(JobError, match=r"No space left on device\. What was done is kept"):
        embed_jsonl(texts, tmp_path / "out.jsonl", embedder())
    assert not (tmp_path / "out.jsonl").exists()


def test_an_executor_of_ones_own(texts, tmp_path):
    def backwards(work, shards):
        with ThreadPoolExecutor(3) as pool:
            yield from reversed(list(pool.map(work, shards)))

    for name, executor in (("out.jsonl", "local"), ("own.jsonl", backwards)):
        embed_jsonl(texts, tmp_path / name, embedder(), executor=executor, shard_rows=16)
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "own.jsonl").read_bytes()


def in_threads(work, shards):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, shards))


def test_texts_that_were_cut_are_counted_or_it_is_said_that_they_are_not(tmp_path):
    path = tmp_path / "in.jsonl"
    long = [{"id": n, "text_inputs": f"{n} " + "word " * (400 * (n % 2))} for n in range(24)]
    path.write_text("".join(json.dumps(row) + "\n" for row in long), encoding="utf-8")
    cached = CachedEmbedder("minilm", tmp_path / "cache.sqlite")

    def cut(name, embedder, **options):
        return embed_jsonl(path, tmp_path / name, embedder, shard_rows=4, **options).truncated

    assert cut("one.jsonl", "minilm", workers=1) == 12
    assert cut("two.jsonl", "minilm", workers=2) == 12
    assert cut("cold.jsonl", cached) == 12
    assert cut("warm.jsonl", cached, resume=False) is None
    assert cut("threads.jsonl", OnnxEmbedder(), executor=in_threads) in (12, None)


def test_what_embedders_count_for_several_threads_is_no_shard_s():
    started = threading.Barrier(2, timeout=20)

    class Both(FunctionEmbedder):
        truncated = 0

        def embed(self, texts):
            started.wait()  # both shards are under way
            self.truncated += 1
            return super().embed(texts)

    work = ShardWork(Both(letters, dimension=26))
    shards = [Shard(n, [f"text {n}"], [n], (n, n), 1, "") for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        assert [done.truncated for done in pool.map(work, shards)] == [None, None]


@pytest.mark.parametrize(
    ("executor", "message"),
    [
        (lambda work, shards: list(map(work, shards))[1:], r"ended without shard 0 \(lines 1 to"),
        (lambda work, shards: [work(next(shards))] * 2, "shard 0, which it was not asked for"),
        (lambda work, shards: [], "ended without"),
    ],
)
def test_an_executor_that_loses_or_doubles_shards_is_found_out(texts, tmp_path, executor, message):
    with pytest.raises(JobError, match=message):
        embed_jsonl(texts, tmp_path / "out.jsonl", embedder(), executor=executor, shard_rows=64)
    assert not (tmp_path / "out.jsonl").exists()


def test_progress_counts_the_input_s_bytes(texts, tmp_path):
    seen = []

    def note(done, total, what):
        seen.append((done, total, what))

    embed_jsonl(texts, tmp_path / "out.jsonl", embedder(), shard_rows=100, progress=note)
    size = texts.stat().st_size
    assert [(total, what) for _, total, what in seen] == [
        (size, "shard 0 (lines 1 to 100)"), (size, "shard 1 (lines 101 to 200)"),
    ]  # fmt: skip
    assert seen[-1][0] == size


def test_vectors_that_are_none_fail_with_the_shard(texts, tmp_path):
    wrong = FunctionEmbedder(lambda text: [1.0, float("nan")], dimension=2)
    with pytest.raises(JobError, match=r"shard 0 \(lines 1 to 200\) failed with EmbeddingError"):
        embed_jsonl(texts, tmp_path / "out.jsonl", wrong)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dst": "out.csv"}, InvalidInputError, r"end in one of \.jsonl, \.parquet, \.npy"),
        ({"dst": "in.jsonl"}, InvalidInputError, "which is written when dst is"),
        ({"dst": "nowhere/out.jsonl"}, InvalidInputError, "no folder to write"),
        ({"src": "none.jsonl"}, MissingFileError, "is no file"),
        ({"src": "."}, MissingFileError, "is a folder"),
        ({"src": 5}, InvalidInputError, "src is 5"),
        ({"field": None}, InvalidInputError, "field is None"),
        ({"executor": "spark"}, InvalidInputError, "executor is 'spark'"),
        ({"shard_rows": 0}, InvalidInputError, "shard_rows is 0"),
        ({"workers": 0}, InvalidInputError, "workers is 0"),
        ({"attempts": 0}, InvalidInputError, "attempts is 0"),
        ({"workers": 2, "embedder": lambda text: [1.0]}, InvalidInputError, "can't be pickled"),
        ({"threads": 2, "embedder": letters}, InvalidInputError, "named by a string"),
        ({"workers": 2, "executor": map}, InvalidInputError, "has its own"),
        ({"shards": 2}, UnknownOptionError, "shard_rows"),
    ],
)
def test_bad_arguments(texts, monkeypatch, arguments, error, message):
    monkeypatch.chdir(texts.parent)
    with pytest.raises(error, match=message):
        embed_jsonl(**{"src": "in.jsonl", "dst": "out.jsonl", "embedder": letters, **arguments})


@pytest.mark.slow
def test_memory_stays_flat(tmp_path):
    """Ten times the input takes no more memory."""
    import subprocess
    import sys

    script = (
        "import re, sys; sys.path.insert(0, sys.argv[3]); from cheap_embedders import embedder; "
        "from ragkit.jobs import embed_jsonl; embed_jsonl(sys.argv[1], sys.argv[2], embedder()); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    peaks, rng = [], random.Random(3)
    for count in (4_000, 40_000):
        source = tmp_path / f"{count}.jsonl"
        with source.open("w") as file:
            for n in range(count):
                text = "".join(rng.choices(LETTERS, k=400))
                file.write(json.dumps({"id": n, "text_inputs": text}) + "\n")
        command = [sys.executable, "-c", script, source, tmp_path / f"{count}.npy"]
        command.append(str(__import__("pathlib").Path(__file__).parent))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] * 1.1


@pytest.mark.parametrize("suffix", [".ids.jsonl", ".bad.jsonl"])
def test_what_lies_beside_the_output_is_checked_too(texts, tmp_path, suffix):
    with texts.open("a", encoding="utf-8") as file:
        file.write("no JSON\n")
    out = tmp_path / "out.npy"
    embed_jsonl(texts, out, embedder(), shard_rows=32)
    beside = out.with_name(f"{out.name}{suffix}")
    before = beside.read_bytes()
    beside.write_bytes(b'{"damaged": 1}\n')
    report = embed_jsonl(texts, out, embedder(), shard_rows=32)
    assert beside.read_bytes() == before
    assert report.bad_lines == 1
