"""Jobs that read and write S3, and batch transform: real boto3 against moto."""

import json

import pytest
from cheap_embedders import embedder

from ragkit.errors import EndpointError, MissingFileError
from ragkit.jobs import embed_jsonl

pytestmark = pytest.mark.slow

boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto[server] is not installed")


@pytest.fixture(scope="module")
def moto():
    server = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def where(moto):
    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="us-east-1")
    return {"session": session, "endpoint_url": moto}


@pytest.fixture(scope="module")
def s3(where):
    client = where["session"].client("s3", endpoint_url=where["endpoint_url"])
    client.create_bucket(Bucket="vectors")
    yield client
    client.close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_job_from_s3_to_s3_gives_the_local_bytes(texts, tmp_path, s3, where):
    s3.upload_file(str(texts), "vectors", "in.jsonl")
    embed_jsonl(texts, tmp_path / "out.npy", embedder(), shard_rows=32)
    report = embed_jsonl(
        "s3://vectors/in.jsonl", "s3://vectors/to/out.npy", embedder(), shard_rows=32, **where
    )
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="vectors", Prefix="to/")["Contents"]]
    assert keys == ["to/out.npy", "to/out.npy.ids.jsonl", "to/out.npy.manifest.json"]
    for key in keys:
        local = tmp_path / key.removeprefix("to/")
        assert s3.get_object(Bucket="vectors", Key=key)["Body"].read() == local.read_bytes()
    assert report.output == "s3://vectors/to/out.npy"
    assert not list((tmp_path / "cache").rglob("*.data"))


def test_large_objects_are_read_in_parts_and_resumed(texts, tmp_path, s3, where, monkeypatch):
    monkeypatch.setattr("ragkit.aws.storage._PART", 1000)
    s3.upload_file(str(texts), "vectors", "in.jsonl")

    def two(work, shards):
        for shard, _ in zip(shards, range(2), strict=False):
            yield work(shard)
        raise KeyboardInterrupt

    arguments = ("s3://vectors/in.jsonl", tmp_path / "out.jsonl", embedder())
    with pytest.raises(KeyboardInterrupt):
        embed_jsonl(*arguments, shard_rows=32, executor=two, **where)
    assert embed_jsonl(*arguments, shard_rows=32, **where).reused == 2
    embed_jsonl(texts, tmp_path / "local.jsonl", embedder(), shard_rows=32)
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()


def test_an_input_that_changes_while_it_is_read(texts, tmp_path, s3, where, monkeypatch):
    monkeypatch.setattr("ragkit.aws.storage._PART", 1000)
    s3.upload_file(str(texts), "vectors", "changing.jsonl")

    def changing(work, shards):
        for shard in shards:
            s3.put_object(Bucket="vectors", Key="changing.jsonl", Body=b"other")
            yield work(shard)

    with pytest.raises(EndpointError, match="PreconditionFailed"):
        embed_jsonl(
            "s3://vectors/changing.jsonl", tmp_path / "out.jsonl", embedder(), shard_rows=8,
            executor=changing, **where,
        )  # fmt: skip


def test_what_is_not_there(tmp_path, s3, where):
    with pytest.raises(MissingFileError, match=r"no 's3://vectors/none\.jsonl'"):
        embed_jsonl("s3://vectors/none.jsonl", tmp_path / "out.jsonl", embedder(), **where)


def test_a_batch_transform_of_a_local_file(texts, s3, where):
    from ragkit.aws import batch_transform, read_transform_output

    sagemaker = where["session"].client("sagemaker", endpoint_url=where["endpoint_url"])
    role = "arn:aws:iam::123456789012:role/SageMakerExecution"
    sagemaker.create_model(ModelName="bge", ExecutionRoleArn=role)
    job = batch_transform(
        "bge", texts, "s3://vectors/transform", instance_type="ml.m5.xlarge", name="bge-1",
        accept="text/csv", interval=0.01, progress=False, **where,
    )  # fmt: skip
    assert job.status() == "Completed"
    described = sagemaker.describe_transform_job(TransformJobName="bge-1")
    source = described["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    assert source == job.source == "s3://vectors/transform/input/in.jsonl"
    key = job.source.removeprefix("s3://vectors/")
    assert s3.get_object(Bucket="vectors", Key=key)["Body"].read() == texts.read_bytes()

    # moto runs no container: its output is put there in its place.
    output = "".join(json.dumps({"embedding": [n, 0.5]}) + "\n" for n in range(200))
    s3.put_object(
        Bucket="vectors", Key=job.output_file.removeprefix("s3://vectors/"), Body=output.encode()
    )
    rows = list(read_transform_output(job.source, job.output_file, **where))
    assert [(row.id, row.embedding) for row in rows] == [(f"row-{n}", [n, 0.5]) for n in range(200)]
    job.stop()
    job.close()
    sagemaker.close()
