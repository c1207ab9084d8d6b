"""What would be done, without a request, credentials or boto3."""

import copy
import pickle
import subprocess
import sys

import pytest

from ragkit.aws import (
    Autoscaling,
    LMISettings,
    TEISettings,
    attach,
    deploy_embedder,
    deploy_llm,
    lmi_image,
    tei_image,
)
from ragkit.errors import InvalidInputError, UnknownOptionError

REGION = "eu-central-1"


def planned(what, **options):
    return deploy_llm(**what, **{"region": REGION, **options}, dry_run=True)


def container(plan):
    return plan[0].arguments["PrimaryContainer"]


def test_the_calls_come_in_order(what):
    plan = planned(what, autoscaling=Autoscaling(max_instances=3, target=60))

    assert [f"{call.service}.{call.operation}" for call in plan] == [
        "sagemaker.create_model",
        "sagemaker.create_endpoint_config",
        "sagemaker.create_endpoint",
        "sagemaker.describe_endpoint",
        "application-autoscaling.register_scalable_target",
        "application-autoscaling.put_scaling_policy",
    ]


def test_the_arguments_are_those_that_would_be_sent(what):
    plan = planned(what, instances=2, tags={"team": "search"}, startup_timeout=900)

    model, config, endpoint, _ = (call.arguments for call in plan)
    assert model["PrimaryContainer"] == {
        "Image": "763104351884.dkr.ecr.eu-central-1.amazonaws.com/"
        "djl-inference:0.36.0-lmi21.0.0-cu129",
        "Environment": {"HF_MODEL_ID": "meta-llama/Llama-2-7b-chat-hf"},
    }
    assert model["ExecutionRoleArn"] == what["role"]
    assert config["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "ModelName": "llama-2-7b",
            "InitialInstanceCount": 2,
            "InstanceType": "ml.g5.2xlarge",
            "ContainerStartupHealthCheckTimeoutInSeconds": 900,
        }
    ]
    assert endpoint["EndpointConfigName"] == "llama-2-7b"
    for arguments in (model, config, endpoint):
        tags = {tag["Key"]: tag["Value"] for tag in arguments["Tags"]}
        assert tags["ragkit"] == "llm"
        assert tags["team"] == "search"


@pytest.mark.parametrize("model", ["org/model", "s3://bucket/folder", "s3://bucket/model.tar.gz"])
def test_boto3_would_take_each_call(what, aws_session, model):
    from botocore import xform_name
    from botocore.validate import ParamValidator

    plan = planned(
        {**what, "model": model},
        settings=LMISettings(tensor_parallel_degree="max", max_model_len=4096),
        token="hf_abc",
        accept_eula=model.startswith("s3:"),
        autoscaling=Autoscaling(max_instances=2, target=1.5),
        vpc={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        variant={"InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-3-1"},
    )

    for call in plan:
        client = aws_session.client(call.service)
        spelt = {xform_name(name): name for name in client.meta.service_model.operation_names}
        shape = client.meta.service_model.operation_model(spelt[call.operation]).input_shape
        assert ParamValidator().validate(call.arguments, shape).generate_report() == ""


def test_no_secret_is_shown(what):
    env = {"DB_PASSWORD": "correct-horse", "MAX_BATCH_TOKENS": "4096"}
    plan = planned(what, token="hf_sesame", env=env)

    environment = container(plan)["Environment"]
    assert environment["HF_TOKEN"] == environment["DB_PASSWORD"] == "***"
    assert environment["MAX_BATCH_TOKENS"] == "4096"
    shown = f"{plan}{plan!r}{plan[0]!r}{plan[0]}{list(plan)}{plan[0].arguments}"
    shown += f"{copy.deepcopy(plan)}{pickle.dumps(list(plan))}"
    assert "hf_sesame" not in shown
    assert "correct-horse" not in shown


def test_the_printout_has_each_call_in_full(what):
    printed = str(planned(what))

    assert printed.startswith("1. sagemaker.create_model\n{")
    assert "3. sagemaker.create_endpoint\n" in printed
    assert '"InstanceType": "ml.g5.2xlarge"' in printed


def test_no_boto3_and_no_credentials_are_needed():
    script = (
        "import sys; sys.modules['boto3'] = sys.modules['botocore'] = None\n"
        "from ragkit.aws import deploy_llm\n"
        "plan = deploy_llm('org/m', 'm', role='arn:aws:iam::123456789012:role/R',"
        " instance_type='ml.g5.2xlarge', region='us-east-1', dry_run=True)\n"
        "print(len(plan))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "4\n"
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variant": {"InferenceAmiVersio": "x"}}, 'Unknown parameter in ProductionVariants.*"Inf'),
        ({"vpc": {"Subnets": "subnet-1"}}, 'Missing required parameter in VpcConfig: "SecurityG'),
        ({"progress": 5}, "progress is 5; it has to be True, False, None or a function"),
        ({"wait": "no"}, "wait is 'no'; it has to be True or False"),
        ({"keep_failed": "yes"}, "keep_failed is 'yes'; it has to be True or False"),
        ({"accept_eula": 1}, "accept_eula is 1; it has to be True or False"),
    ],
)
def test_slips_are_found_before_anything_is_made(what, options, message):
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    with pytest.raises(InvalidInputError, match=message):
        planned(what, **options)


def test_a_dry_run_is_one_or_not(what):
    with pytest.raises(InvalidInputError, match="dry_run is None; it has to be True or False"):
        deploy_llm(**what, region=REGION, dry_run=None)


def test_a_dry_run_does_not_read_the_user_s_profile(what, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "gone")
    assert len(planned(what)) == 4


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        ({"endpoint_url": 5}, "endpoint_url is 5"),
        ({"endpoint_url": {"sagemaker": 5}}, "endpoint_url is 5"),
        ({"region": 5}, "region is 5"),
        ({"session": "x"}, "session is 'x'"),
        ({"client": "x"}, "client is 'x'"),
    ],
)
def test_connections_that_can_t_work(connection, said):
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    with pytest.raises(InvalidInputError, match=said):
        attach("llama", **connection)


def test_a_profile_that_is_not_there_is_an_error_of_ragkit_s(what):
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    with pytest.raises(InvalidInputError, match="No session for profile='nope'"):
        deploy_llm(**what, profile="nope", dry_run=True)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PGPASSWORD", "open sesame"),
        ("DB_PASS", "open sesame"),
        ("GITHUB_PAT", "open sesame"),
        ("OPENAI_KEY", "open sesame"),
        ("DATABASE_URL", "postgresql://ali:open sesame@db/caves"),
        ("REDIS_URL", "redis://:open sesame@cache"),
        ("INDEX", "https://ghp_open sesame@github.com"),
        ("STORE", "Endpoint=x;AccountKey=open sesame"),
        ("LINK", "https://h/b?sig=open sesame"),
        ("HEADER", "Bearer hf_open sesame"),
        ("SSHKEY", "open sesame"),
    ],
)
def test_secrets_are_known_by_many_names(what, variable, value):
    plan = planned(what, env={variable: value.replace(" ", "-"), "MAX_TOKENS": "512"})
    assert "sesame" not in str(plan)
    assert container(plan)["Environment"]["MAX_TOKENS"] == "512"


def test_the_region_may_come_from_the_environment(what, monkeypatch):
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    assert ".us-west-2." in container(deploy_llm(**what, dry_run=True))["Image"]


def test_without_a_region_an_image_will_do(what, monkeypatch, tmp_path):
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(InvalidInputError, match="pass region="):
        deploy_llm(**what, dry_run=True)
    plan = deploy_llm(**what, image="registry/own:1", dry_run=True)
    assert container(plan)["Image"] == "registry/own:1"


def test_an_artefact_is_read_from_s3(what):
    folder = planned({**what, "model": "s3://bucket/llama"}, accept_eula=True)
    packed = planned({**what, "model": "s3://bucket/llama.tar.gz"})

    assert container(folder)["ModelDataSource"]["S3DataSource"] == {
        "S3Uri": "s3://bucket/llama/",
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
        "ModelAccessConfig": {"AcceptEula": True},
    }
    assert container(folder)["Environment"] == {"HF_MODEL_ID": "/opt/ml/model"}
    assert container(packed)["ModelDataSource"]["S3DataSource"] == {
        "S3Uri": "s3://bucket/llama.tar.gz",
        "S3DataType": "S3Object",
        "CompressionType": "Gzip",
    }


def test_settings_become_the_containers_environment():
    settings = LMISettings(
        tensor_parallel_degree=4,
        rolling_batch="vllm",
        max_rolling_batch_size=64,
        batch_size=8,
        batch_delay=50,
        queue_size=500,
        max_model_len=4096,
        max_input_len=3072,
        max_output_len=1024,
        dtype="bf16",
        quantize="fp8",
        gpu_memory_utilization=0.9,
        revision="f5db02d",
        trust_remote_code=False,
        fail_fast=True,
        options={"enable_prefix_caching": True, "tokenizer_mode": "auto"},
    )

    assert settings.environment() == {
        "OPTION_TENSOR_PARALLEL_DEGREE": "4",
        "OPTION_ROLLING_BATCH": "vllm",
        "OPTION_MAX_ROLLING_BATCH_SIZE": "64",
        "SERVING_BATCH_SIZE": "8",
        "SERVING_MAX_BATCH_DELAY": "50",
        "SERVING_JOB_QUEUE_SIZE": "500",
        "OPTION_MAX_MODEL_LEN": "4096",
        "OPTION_MAX_INPUT_LEN": "3072",
        "OPTION_MAX_OUTPUT_LEN": "1024",
        "OPTION_DTYPE": "bf16",
        "OPTION_QUANTIZE": "fp8",
        "OPTION_GPU_MEMORY_UTILIZATION": "0.9",
        "HF_REVISION": "f5db02d",
        "OPTION_TRUST_REMOTE_CODE": "false",
        "SERVING_FAIL_FAST": "true",
        "OPTION_ENABLE_PREFIX_CACHING": "true",
        "OPTION_TOKENIZER_MODE": "auto",
    }


@pytest.mark.parametrize(
    ("instance", "image"),
    [
        ("ml.c6i.xlarge", "tei-cpu:2.0.1-tei1.8.2-cpu-py310-ubuntu22.04"),
        ("ml.g5.xlarge", "tei:2.0.1-tei1.8.2-gpu-py310-cu122-ubuntu22.04"),
        ("ml.p4d.24xlarge", "tei:2.0.1-tei1.8.2-gpu-py310-cu122-ubuntu22.04"),
    ],
)
def test_an_embedders_image_fits_the_instance(what, instance, image):
    arguments = {**what, "model": "BAAI/bge-small-en-v1.5", "instance_type": instance}
    settings = TEISettings(max_client_batch_size=64, pooling="cls", auto_truncate=True)
    plan = deploy_embedder(**arguments, settings=settings, region=REGION, dry_run=True)

    assert container(plan)["Image"] == f"492215442770.dkr.ecr.eu-central-1.amazonaws.com/{image}"
    assert container(plan)["Environment"] == {
        "HF_MODEL_ID": "BAAI/bge-small-en-v1.5",
        "HF_TASK": "feature-extraction",
        "POOLING": "cls",
        "MAX_CLIENT_BATCH_SIZE": "64",
        "AUTO_TRUNCATE": "true",
    }


def test_amazons_own_accelerators_need_an_image(what):
    arguments = {**what, "instance_type": "ml.inf2.xlarge"}
    with pytest.raises(InvalidInputError, match="pass image="):
        deploy_embedder(**arguments, region=REGION, dry_run=True)


def test_images_are_in_other_accounts_elsewhere():
    assert lmi_image("cn-north-1").startswith("727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/")
    assert lmi_image("us-east-1", "0.30.0-lmi12.0.0-cu124").endswith(":0.30.0-lmi12.0.0-cu124")
    with pytest.raises(InvalidInputError, match="'mars-north-1' is not known; pass image="):
        lmi_image("mars-north-1")
    with pytest.raises(InvalidInputError, match="'mars-north-1' is not known; pass image="):
        tei_image("mars-north-1")


BAD = [
    ({"name": "a" * 64}, "name is 'a+'; it has to have 1 to 63"),
    ({"name": "under_score"}, "name is 'under_score'"),
    ({"name": "-first"}, "name is '-first'"),
    ({"name": ""}, "name is ''"),
    ({"role": "SageMakerExecution"}, "role is 'SageMakerExecution'; it has to be the ARN"),
    ({"role": None}, "role is None"),
    ({"instance_type": "g5.2xlarge"}, "instance_type is 'g5.2xlarge'"),
    ({"model": "s3://bucket"}, "model is 's3://bucket'"),
    ({"model": "../etc/passwd"}, "model is '../etc/passwd'"),
    ({"model": None}, "model is None"),
    ({"instances": 0}, "instances is 0"),
    ({"instances": True}, "instances is True"),
    ({"env": {"A": 1}}, r"env\['A'\] is 1; it has to be a str"),
    ({"env": {"A B": "1"}}, "env has 'A B', which is no name"),
    ({"env": [1]}, "env is a list"),
    ({"env": {f"A{n}": "" for n in range(100)}}, "has 101 variables; 100 is the most"),
    ({"env": {"HF_MODEL_ID": "other"}}, "model and env give HF_MODEL_ID different values"),
    ({"image": "two words"}, "image is 'two words'"),
    ({"token": ""}, "token is no text, or empty"),
    ({"token": "sesame\n"}, "or has white space"),
    ({"accept_eula": True}, "accept_eula=True is for artefacts of JumpStart"),
    ({"tags": {"aws:x": "1"}}, "tags has 'aws:x', which is reserved"),
    ({"tags": {"ragkit": "1"}}, "tags has 'ragkit', which is reserved"),
    ({"tags": {"a": "semi;colon"}}, "tags has 'semi;colon' at 'a'"),
    ({"tags": {"a": 1}}, "tags has 1 at 'a'"),
    ({"tags": {f"t{n}": "" for n in range(49)}}, "tags has 49 entries; 48 is the most"),
    ({"variant": {"InstanceType": "ml.m5.large"}}, "variant has 'InstanceType'"),
    ({"vpc": "subnet-1"}, "vpc is 'subnet-1'"),
    ({"startup_timeout": 59}, "startup_timeout is 59"),
    ({"startup_timeout": 3601}, "startup_timeout is 3601; SageMaker takes 3600"),
    ({"timeout": 0}, "timeout is 0; it has to be seconds above 0"),
    ({"interval": "soon"}, "interval is 'soon'"),
    ({"settings": TEISettings()}, "settings is a TEISettings; it has to be LMISettings"),
    ({"autoscaling": {"max_instances": 2}}, "it has to be Autoscaling"),
    ({"autoscaling": Autoscaling(min_instances=2, max_instances=3, target=9)}, "keeps 2 to 3"),
    ({"autoscaling": Autoscaling(max_instances=3, target=9), "wait": False}, "wait is False"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_sagemaker_would_refuse_is_refused_first(what, change, message):
    with pytest.raises(InvalidInputError, match=message):
        planned({**what, **change})


def test_a_secret_that_is_wrong_is_not_shown(what):
    for options in ({"env": {"HF_TOKEN": "sesame" * 200}}, {"token": "open", "env": {"HF_TOKEN":
                    "sesame"}}):  # fmt: skip
        with pytest.raises(InvalidInputError, match="HF_TOKEN") as caught:
            planned(what, **options)
        assert "sesame" not in str(caught.value)
        assert "open" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LMISettings(tensor_parallel_degree=0), "tensor_parallel_degree is 0"),
        (lambda: LMISettings(tensor_parallel_degree="all"), "tensor_parallel_degree is 'all'"),
        (lambda: LMISettings(dtype=""), "dtype is ''"),
        (lambda: LMISettings(gpu_memory_utilization=1.5), "gpu_memory_utilization is 1.5"),
        (lambda: LMISettings(trust_remote_code="yes"), "trust_remote_code is 'yes'"),
        (lambda: LMISettings(options={"dtype": "bf16"}), "argument of its own: dtype="),
        (lambda: LMISettings(options={"A-B": 1}), "options has 'A-B'"),
        (lambda: LMISettings(options={"a": None}), "is a NoneType"),
        (lambda: LMISettings(options={"hf_token": "x"}), "pass what is secret as token="),
        (lambda: LMISettings(options=[1]), "options is "),
        (lambda: TEISettings(pooling="best"), "pooling is 'best'"),
        (lambda: TEISettings(max_batch_tokens=0), "max_batch_tokens is 0"),
        (lambda: Autoscaling(max_instances=0, target=1), "max_instances is 0"),
        (lambda: Autoscaling(min_instances=3, max_instances=2, target=1), "min_instances is 3"),
        (lambda: Autoscaling(max_instances=2, target=0), "target is 0"),
        (lambda: Autoscaling(max_instances=2, target=float("nan")), "target is nan"),
        (lambda: Autoscaling(max_instances=2, target=1, scale_in_cooldown=-1), "cooldown is -1"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


def test_unknown_options_are_named(what):
    with pytest.raises(UnknownOptionError, match=r"deploy_llm\(\).*'instance'.*'instances'"):
        planned(what, instance=2)
    with pytest.raises(UnknownOptionError, match="Did you mean 'dtype'"):
        LMISettings(dtyp="bf16")
    with pytest.raises(UnknownOptionError, match="Did you mean 'max_instances'"):
        Autoscaling(max_instance=2, target=1)
