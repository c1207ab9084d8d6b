"""Real boto3 against moto's server: what SageMaker's own description of its service allows."""

import gzip
import json
import urllib.request

import pytest

from ragkit.aws import (
    Autoscaling,
    LMISettings,
    TEISettings,
    attach,
    deploy_embedder,
    deploy_llm,
    leftovers,
    resume_analysis,
    train_neighbors,
)
from ragkit.errors import EndpointError, MissingFileError
from ragkit.loading import TextractLoader

pytestmark = pytest.mark.slow

pytest.importorskip("boto3", reason="the extra aws is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto[server] is not installed")


@pytest.fixture(scope="module")
def moto():
    server = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def where(moto, aws_session):
    request = urllib.request.Request(f"{moto}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()
    return {"session": aws_session, "endpoint_url": moto}


@pytest.fixture
def what(what):
    return {**what, "instance_type": "ml.m5.xlarge"}  # moto refuses ml.g5.2xlarge


def names(session, moto):
    """The names of what moto has, by kind."""
    client = session.client("sagemaker", endpoint_url=moto)
    found = (
        [item["EndpointName"] for item in client.list_endpoints()["Endpoints"]],
        [item["EndpointConfigName"] for item in client.list_endpoint_configs()["EndpointConfigs"]],
        [item["ModelName"] for item in client.list_models()["Models"]],
    )
    client.close()
    return found


def test_deploy_look_and_delete(what, where, quick, aws_session, moto):
    settings = LMISettings(tensor_parallel_degree=1, dtype="fp16", max_model_len=4096)
    scaling = Autoscaling(min_instances=1, max_instances=3, target=60)
    with deploy_llm(
        **what, **where, **quick, settings=settings, token="hf_sesame", autoscaling=scaling
    ) as endpoint:
        assert endpoint.status() == "InService"
        assert names(aws_session, moto) == (["llama-2-7b"],) * 3
        client = aws_session.client("sagemaker", endpoint_url=moto)
        container = client.describe_model(ModelName="llama-2-7b")["PrimaryContainer"]
        assert container["Environment"] == {
            "HF_MODEL_ID": "meta-llama/Llama-2-7b-chat-hf",
            "OPTION_TENSOR_PARALLEL_DEGREE": "1",
            "OPTION_MAX_MODEL_LEN": "4096",
            "OPTION_DTYPE": "fp16",
            "HF_TOKEN": "hf_sesame",
        }
        client.close()
        scaler = aws_session.client("application-autoscaling", endpoint_url=moto)
        (target,) = scaler.describe_scalable_targets(ServiceNamespace="sagemaker")[
            "ScalableTargets"
        ]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
        (policy,) = scaler.describe_scaling_policies(ServiceNamespace="sagemaker")[
            "ScalingPolicies"
        ]
        assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 60.0
    assert names(aws_session, moto) == ([], [], [])
    assert scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    scaler.close()
    endpoint.delete(wait=True, **quick)
    assert endpoint.status() == "Deleted"


def test_the_calls_are_those_of_the_dry_run(what, where, quick):
    settings = TEISettings(max_client_batch_size=64)
    plan = deploy_embedder(**what, **where, **quick, settings=settings, dry_run=True)
    with deploy_embedder(**what, **where, **quick, settings=settings):
        session, url = where["session"], where["endpoint_url"]
        client = session.client("sagemaker", endpoint_url=url)
        model = client.describe_model(ModelName=what["name"])
        config = client.describe_endpoint_config(EndpointConfigName=what["name"])
        client.close()
    assert model["PrimaryContainer"] == plan[0].arguments["PrimaryContainer"]
    assert config["ProductionVariants"] == plan[1].arguments["ProductionVariants"]


def test_a_refusal_leaves_nothing(what, where, quick, aws_session, moto):
    with pytest.raises(EndpointError, match=r"ml\.g5\.2xlarge"):
        deploy_llm(**{**what, "instance_type": "ml.g5.2xlarge"}, **where, **quick)
    assert names(aws_session, moto) == ([], [], [])


def test_attach_and_delete(what, where, quick, aws_session, moto):
    deploy_llm(**what, **where, **quick).close()
    with attach(what["name"], **where) as endpoint:
        assert endpoint.serves == "llm"
    assert names(aws_session, moto) == (["llama-2-7b"],) * 3
    endpoint.delete(**quick)
    assert names(aws_session, moto) == ([], [], [])


def test_leftovers_are_found_by_their_tag_and_deleted(what, where, quick, aws_session, moto):
    client = aws_session.client("sagemaker", endpoint_url=moto)
    client.create_model(ModelName="foreign", ExecutionRoleArn=what["role"])
    client.close()
    for number in range(3):
        deploy_llm(**{**what, "name": f"llama-{number}"}, **where, **quick).close()

    found = leftovers(**where)
    assert {(one.kind, one.name) for one in found} == {
        (kind, f"llama-{number}")
        for kind in ("endpoint", "endpoint configuration", "model")
        for number in range(3)
    }
    found.delete("llama-1", **quick)
    assert len(leftovers(**where)) == 6
    leftovers(**where).delete(**quick)
    assert names(aws_session, moto) == ([], [], ["foreign"])


def queue_reply(moto, reply):
    """What the next endpoint that is asked says."""
    result = {"Body": json.dumps(reply), "ContentType": "application/json"}
    data = json.dumps({"results": [result], "region": "eu-central-1"}).encode()
    url = f"{moto}/moto-api/static/sagemaker/endpoint-results"
    headers = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, data, headers)).close()


def test_an_endpoint_answers_through_moto(what, where, quick, moto):
    choice = {"message": {"content": "At nine."}, "finish_reason": "stop"}
    queue_reply(moto, {"choices": [choice]})
    with deploy_llm(**what, **where, **quick) as endpoint:
        llm = endpoint.llm()
        assert llm.generate("When?").text == "At nine."
        llm.close()


def test_an_endpoint_embeds_through_moto(what, where, quick, moto):
    queue_reply(moto, [[3, 4], [0, 2]])
    with deploy_embedder(**what, **where, **quick) as endpoint:
        embedder = endpoint.embedder(model=what["model"])
        vectors = embedder.embed(["a dog", "a cat"])
        assert vectors.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 1]]
        assert embedder.fingerprint.name == what["model"]
        embedder.close()


def test_a_corpus_is_trained_and_its_artefact_deployed(what, where, quick, aws_session, moto):
    storage = aws_session.client("s3", endpoint_url=moto)
    place = {"LocationConstraint": "eu-central-1"}
    storage.create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
    storage.put_object(Bucket="bucket", Key="faq.csv", Body=b"1,What is it?\n")
    storage.close()
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/training:1"
    job = train_neighbors(
        "s3://bucket/faq.csv",
        "s3://bucket/out/",
        "faq-1",
        image=image,
        role=what["role"],
        instance_type="ml.m5.xlarge",
        batch_size=64,
        max_seq_length=256,
        store_text_with_embedding=True,
        **where,
        **quick,
    )
    assert job.status() == "Completed"
    assert job.artefact == "s3://bucket/out/faq-1/output/model.tar.gz"
    made = {**what, "model": job.artefact, "image": image}
    with deploy_embedder(**made, **where, **quick) as endpoint:
        assert endpoint.status() == "InService"
    job.close()


@pytest.fixture
def answers(ragkit_data, monkeypatch):
    """What moto's Textract gives: a real response of two pages, which it does not cut."""
    from moto.textract.models import TextractBackend

    path = ragkit_data / "textract" / "responses" / "tx_multi_page_example_file_b.json.gz"
    blocks = json.loads(gzip.decompress(path.read_bytes()))["Blocks"]
    monkeypatch.setattr(TextractBackend, "BLOCKS", blocks)
    monkeypatch.setattr(TextractBackend, "PAGES", 2)
    return path


@pytest.fixture
def bucket(where, moto, aws_session):
    storage = aws_session.client("s3", endpoint_url=moto)
    place = {"LocationConstraint": "eu-central-1"}
    storage.create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
    yield storage
    storage.close()


def keys(bucket):
    return [item["Key"] for item in bucket.list_objects_v2(Bucket="bucket").get("Contents", ())]


@pytest.mark.parametrize("features", [["TABLES", "FORMS"], None])
def test_a_local_pdf_is_uploaded_analysed_and_deleted(
    answers, bucket, where, quick, ragkit_data, features
):
    pdf = ragkit_data / "textract" / "documents" / "textractor-multipage-doc.pdf"
    options = {**where, **quick, "features": features, "upload_to": "s3://bucket/tmp"}
    (layout,) = TextractLoader(pdf, **options).load()
    assert layout.text == TextractLoader(answers).load()[0].text
    assert keys(bucket) == []
    TextractLoader(pdf, keep_upload=True, **options).load()
    (kept,) = keys(bucket)
    assert kept.startswith("tmp/")
    assert bucket.get_object(Bucket="bucket", Key=kept)["Body"].read() == pdf.read_bytes()


def test_an_unknown_job_and_an_unknown_bucket(bucket, where, quick, ragkit_data):
    job = resume_analysis("nothing", **where)
    with pytest.raises(EndpointError, match="InvalidJobIdException"):
        job.wait(**quick)
    job.close()
    pdf = ragkit_data / "textract" / "documents" / "textractor-multipage-doc.pdf"
    with pytest.raises(EndpointError, match="NoSuchBucket"):
        TextractLoader(pdf, upload_to="s3://no-bucket", **where, **quick).load()
    with pytest.raises(MissingFileError, match="no bucket 'no-bucket'"):
        TextractLoader("s3://no-bucket/folder/", **where).load()


def test_answers_in_s3(bucket, where, ragkit_data):
    path = ragkit_data / "textract" / "derived" / "derived_multipage_6p.chunks.json.gz"
    chunks = json.loads(gzip.decompress(path.read_bytes()))
    bucket.put_object(Bucket="bucket", Key="out/job/.s3_access_check", Body=b"")
    for number, chunk in enumerate(chunks, 1):
        bucket.put_object(Bucket="bucket", Key=f"out/job/{number}", Body=json.dumps(chunk).encode())
    bucket.put_object(Bucket="bucket", Key="all ä.json.gz", Body=path.read_bytes())
    expected = TextractLoader(path).load()[0].text
    assert TextractLoader("s3://bucket/out/job/", **where).load()[0].text == expected
    assert TextractLoader("s3://bucket/all ä.json.gz", **where).load()[0].text == expected
    assert TextractLoader("s3://bucket", **where).load()[0].text == expected
    with pytest.raises(MissingFileError, match=r"no 's3://bucket/none\.json'"):
        TextractLoader("s3://bucket/none.json", **where).load()
