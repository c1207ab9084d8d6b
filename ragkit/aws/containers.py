"""Images of the containers that serve models, whose address differs by region."""

from __future__ import annotations

import re

from ragkit._checks import check_choice
from ragkit.errors import InvalidInputError

__all__ = ["LMI_VERSION", "TEI_VERSION", "lmi_image", "processor_of", "tei_image"]

LMI_VERSION = "0.36.0-lmi21.0.0-cu129"
"""The tag of the DJL-LMI image that is taken by default: DJL Serving, LMI and CUDA."""
TEI_VERSION = "1.8.2"
"""The version of Text Embeddings Inference that is taken by default."""

# Who owns the images, as the SageMaker Python SDK lists them (image_uri_config/djl-lmi.json).
_DLC_ACCOUNT = "763104351884"
_DLC_REGIONS = (
    "ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 "
    "eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 "
    "us-west-1 us-west-2"
)
_DLC = dict.fromkeys(_DLC_REGIONS.split(), _DLC_ACCOUNT) | {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-northeast-3": "364406365360",
    "ap-south-2": "772153158452",
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ap-southeast-5": "550225433462",
    "ap-southeast-7": "590183813437",
    "ca-west-1": "204538143572",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-central-2": "380420809688",
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
    "mx-central-1": "637423239942",
    "us-gov-east-1": "446045086412",
    "us-gov-west-1": "442386744353",
}
# Hugging Face publishes its embedding container from accounts of its own (huggingface-tei.json).
_TEI = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "ca-west-1": "190319476487",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}


def lmi_image(region: str, version: str = LMI_VERSION) -> str:
    """The address of the DJL-LMI container (vLLM inside) in a region.

    Args:
        region: Such as "eu-central-1".
        version: The image's tag, from the container's release notes.

    Raises:
        InvalidInputError: If ragkit does not know where the image is for that region.

    Example:
        >>> lmi_image("eu-central-1")
        '763104351884.dkr.ecr.eu-central-1.amazonaws.com/djl-inference:0.36.0-lmi21.0.0-cu129'
    """
    return f"{_registry(_DLC, region, 'DJL-LMI')}/djl-inference:{_tag(version)}"


def tei_image(region: str, processor: str = "gpu", version: str = TEI_VERSION) -> str:
    """The address of Hugging Face's embedding container (TEI) in a region.

    Args:
        region: Such as "eu-central-1".
        processor: "gpu" or "cpu".
        version: Of Text Embeddings Inference; its images are named alike since 1.8.2.

    Raises:
        InvalidInputError: If ragkit does not know where the image is for that region.

    Example:
        >>> tei_image("us-east-1", "cpu")
        '683313688378.dkr.ecr.us-east-1.amazonaws.com/tei-cpu:2.0.1-tei1.8.2-cpu-py310-ubuntu22.04'
    """
    check_choice(processor, "processor", ("gpu", "cpu"))
    registry, number = _registry(_TEI, region, "TEI"), _tag(version)
    if processor == "cpu":
        return f"{registry}/tei-cpu:2.0.1-tei{number}-cpu-py310-ubuntu22.04"
    return f"{registry}/tei:2.0.1-tei{number}-gpu-py310-cu122-ubuntu22.04"


def processor_of(instance_type: str) -> str:
    """What an instance type computes on: "gpu" or "cpu".

    Raises:
        InvalidInputError: If it has Amazon's own accelerators, which need another image.
    """
    family = instance_type.split(".")[1]
    if re.match(r"(inf|trn|dl)\d", family):
        raise InvalidInputError(
            f"instance_type is {instance_type!r}; its accelerator needs an image of its own: "
            f"pass image=."
        )
    return "gpu" if re.match(r"[gp]\d", family) else "cpu"


def _registry(accounts: dict[str, str], region: str, what: str) -> str:
    account = accounts.get(region)
    if account is None:
        raise InvalidInputError(
            f"Where the {what} image is for the region {region!r} is not known; pass image= with "
            f"its address."
        )
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}"


def _tag(version: object) -> str:
    if not isinstance(version, str) or not re.fullmatch(r"[\w.-]{1,128}", version):
        raise InvalidInputError(f"version is {version!r}; it has to be an image's tag or version.")
    return version
