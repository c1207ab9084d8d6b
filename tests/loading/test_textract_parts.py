"""Parts of Textract responses: all there, in any order, of one document – or an error that says."""

from __future__ import annotations

import copy
import gzip
import json
import random
import re
import subprocess
import sys
from collections import Counter

import pytest

import ragkit.textract
from ragkit.errors import CorruptFileError, InvalidInputError, LoadError, PartialResultWarning
from ragkit.loading import TextractLoader


@pytest.fixture(scope="module")
def textract(ragkit_data):
    return ragkit_data / "textract"


@pytest.fixture(scope="module")
def blocks(textract):
    """Of a document of six pages."""
    path = textract / "derived" / "derived_multipage_6p.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))["Blocks"]


def cut(blocks, most, **more):
    """The blocks as a job's parts of so many."""
    starts = range(0, len(blocks), most)
    parts = [
        {"JobStatus": "SUCCEEDED", "Blocks": blocks[at : at + most], **copy.deepcopy(more)}
        for at in starts
    ]
    pages = len({b["Page"] for b in blocks})
    for part, following in zip(parts, starts[1:], strict=False):
        part["NextToken"] = f"token-{following}"
    return [{"DocumentMetadata": {"Pages": pages}, **part} for part in parts]


def words(layout):
    return Counter(layout.text.split())


@pytest.fixture(scope="module")
def whole(blocks):
    return words(ragkit.textract.load({"Blocks": blocks}))


@pytest.mark.parametrize("most", [50, 137, 1000])
def test_parts_in_any_order(blocks, whole, most):
    parts = cut(blocks, most)
    random.Random(most).shuffle(parts)
    assert words(ragkit.textract.load(parts)) == whole


@pytest.mark.parametrize("most", [37, 137, 500, 1000])
def test_no_part_can_be_missing_unseen(blocks, most):
    parts = cut(blocks, most)
    for left_out in range(len(parts)):
        rest = parts[:left_out] + parts[left_out + 1 :]
        with pytest.raises(CorruptFileError, match="A part of 'textract' is missing"):
            TextractLoader(rest).load()


def test_what_is_missing_is_named(blocks, tmp_path):
    parts = cut(blocks, 500)
    for number, part in enumerate(parts, 1):
        (tmp_path / f"answer-{number}.json").write_text(json.dumps(part), encoding="utf-8")
    (tmp_path / "answer-3.json").unlink()
    with pytest.raises(CorruptFileError) as caught:
        TextractLoader(tmp_path).load()
    said = str(caught.value)
    assert f"between '{tmp_path / 'answer-2.json'}' and '{tmp_path / 'answer-4.json'}'" in said
    pages = sorted({b["Page"] for b in parts[2]["Blocks"]})
    assert all(str(page) in said for page in pages)
    assert "allow_missing=True" in said


@pytest.mark.parametrize("most", [37, 300, 1000])
def test_where_a_part_is_missing(blocks, most):
    parts = cut(blocks, most)
    exact = 0
    for left_out in range(1, len(parts) - 1):
        with pytest.raises(CorruptFileError) as caught:
            TextractLoader(parts[:left_out] + parts[left_out + 1 :]).load()
        named = re.search(r"between .*?part (\d+) of .*?part (\d+) of", str(caught.value))
        before, after = int(named[1]), int(named[2])  # counted from 1, without the missing one
        assert before <= left_out < after
        exact += after - before == 1
    assert exact == len(parts) - 2 or most < 100  # the service's own parts have 1000 blocks


def test_the_last_is_missing(blocks):
    parts = cut(blocks, 1000)
    with pytest.raises(CorruptFileError, match="every part has a NextToken, so that the last is"):
        TextractLoader(parts[:-1]).load()
    with pytest.raises(CorruptFileError, match=r"page 6 of 6 has no PAGE block|NextToken"):
        TextractLoader(parts[0]).load()


def test_parts_without_their_frame(blocks, whole):
    parts = [{"Blocks": part["Blocks"]} for part in cut(blocks, 400)]
    assert words(ragkit.textract.load(parts)) == whole
    with pytest.raises(CorruptFileError, match=r"between 'textract, part 3 of \d' and"):
        TextractLoader(parts[:3] + parts[4:]).load()


def test_the_rest_is_read_where_that_is_allowed(blocks):
    parts = cut(blocks, 500)
    rest = parts[:2] + parts[3:]
    with pytest.warns(PartialResultWarning, match="is missing between") as seen:
        (layout,) = TextractLoader(rest, allow_missing=True).load()
    assert seen[0].message.code == "PARTS_MISSING"
    assert seen[0].message.pages
    assert layout.metadata["warnings"][0]["pages"] == list(seen[0].message.pages)
    kept = {b["Page"] for part in rest for b in part["Blocks"] if b["BlockType"] == "PAGE"}
    assert len(layout.pages) == len(kept)


def test_a_warning_points_at_who_asked(blocks):
    loader = TextractLoader(cut(blocks, 500)[1:], allow_missing=True)
    for read in (loader.load, lambda: next(loader.lazy_load()), loader.load_documents):
        with pytest.warns(PartialResultWarning) as seen:
            read()
        assert {one.filename for one in seen} == {__file__}


def test_parts_of_two_jobs_are_not_mixed(blocks):
    first = cut(blocks, 1000)
    other = [{**b, "Id": f"x{b['Id']}", "Relationships": None} for b in blocks if b["Page"] < 3]
    with pytest.raises(CorruptFileError, match=r"page 1 twice"):
        TextractLoader(first + cut(other, 1000)).load()
    later = [{**block, "Page": block["Page"] + 6} for block in other]
    with pytest.raises(CorruptFileError, match=r"documents of 6 and of 2 pages"):
        TextractLoader(first + cut(later, 1000)).load()
    few = [block for block in blocks if block["Page"] == 1]
    several = [
        {**block, "Id": f"y{block['Id']}", "Page": 7, "Relationships": None} for block in few
    ]
    same_count = [{**part, "DocumentMetadata": {"Pages": 6}} for part in cut(several, 1000)]
    with pytest.raises(CorruptFileError, match=r"2 last parts, without a NextToken"):
        TextractLoader(first + same_count).load()
    renamed = [{**part, "JobId": f"job-{n > 1}"} for n, part in enumerate(first)]
    with pytest.raises(CorruptFileError, match=r"two jobs: 'job-False' in .*part 1 of 4"):
        TextractLoader(renamed).load()
    same = [{**b, "Id": f"x{b['Id']}", "Relationships": None} for b in blocks]
    with pytest.raises(CorruptFileError, match=r"page 1 twice: in .* They are of two jobs"):
        TextractLoader(first + cut(same, 1000)).load()


def test_a_part_that_is_there_twice(blocks):
    parts = cut(blocks, 1000)
    with pytest.raises(CorruptFileError, match=r"twice: in 'textract, part 2 of 5' and in"):
        TextractLoader([*parts, parts[1]]).load()


def test_answers_to_single_requests_are_pages_in_their_order(textract):
    names = ("tx_run1_single-page-1", "tx_run1_single-page-2")
    answers = [
        json.loads(gzip.decompress((textract / "responses" / f"{name}.json.gz").read_bytes()))
        for name in names
    ]
    layout = ragkit.textract.load(answers)
    assert [page.text for page in layout.pages] == [
        ragkit.textract.load(answer).pages[0].text for answer in answers
    ]


def test_every_real_response_is_whole(textract):
    for folder in ("responses", "derived"):
        for path in (textract / folder).glob("*.json.gz"):
            assert TextractLoader(path).load()[0].pages, path


def test_old_answers_that_do_not_number_their_pages(blocks, whole):
    bare = [{key: value for key, value in b.items() if key != "Page"} for b in blocks]
    parts = cut([{**block, "Page": 1} for block in bare], 1000)
    for part in parts:
        part["DocumentMetadata"] = {"Pages": 6}
        part["Blocks"] = [{k: v for k, v in b.items() if k != "Page"} for b in part["Blocks"]]
    assert words(ragkit.textract.load(parts)) == whole
    one = {"JobStatus": "SUCCEEDED", "DocumentMetadata": {"Pages": 6}, "Blocks": bare}
    assert words(ragkit.textract.load(one)) == whole
    with pytest.raises(CorruptFileError, match="is missing"):
        TextractLoader(parts[:1] + parts[2:]).load()
    one["DocumentMetadata"] = {"Pages": 8}
    with pytest.raises(CorruptFileError, match="pages 7 and 8 of 8 have no PAGE block"):
        TextractLoader(one).load()


def test_a_page_that_a_job_could_not_read_is_no_missing_part(blocks):
    left = [block for block in blocks if block["Page"] != 4]
    parts = cut(left, 700, Warnings=[{"ErrorCode": "PAGE_CORRUPT", "Pages": [4]}])
    for part in parts:
        part["JobStatus"], part["DocumentMetadata"] = "PARTIAL_SUCCESS", {"Pages": 6}
    with pytest.warns(PartialResultWarning, match=r"PARTIAL_SUCCESS.*PAGE_CORRUPT, on page 4"):
        (layout,) = TextractLoader(parts).load()
    assert len(layout.pages) == 5
    for part in parts:
        del part["Warnings"]
    with pytest.warns(PartialResultWarning, match="in part only"):
        TextractLoader(parts).load()
    with pytest.raises(CorruptFileError, match="is missing"):
        TextractLoader(parts[:1] + parts[2:]).load()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"JobStatus": "IN_PROGRESS"}, "still IN_PROGRESS; fetch its result"),
        ({"JobStatus": "FAILED", "StatusMessage": "INVALID_PDF"}, "the job FAILED: INVALID_PDF"),
        ({"JobStatus": "FAILED", "Blocks": []}, "no reason is given"),
    ],
)
def test_answers_without_a_result(answer, message, tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    with pytest.raises(LoadError, match=message):
        TextractLoader(path).load()


def test_a_file_that_is_cut_off(textract, tmp_path):
    data = gzip.decompress((textract / "responses" / "tx_layout.json.gz").read_bytes())
    (tmp_path / "cut.json").write_bytes(data[: len(data) // 2])
    with pytest.raises(CorruptFileError, match=r"is no JSON: .* It may be cut off"):
        TextractLoader(tmp_path / "cut.json").load()
    (tmp_path / "more").mkdir()
    with pytest.raises(CorruptFileError, match="no JSON"):
        TextractLoader(data[:1000]).load()
    assert TextractLoader(data).load()[0].source == "textract"


def test_a_folder_of_folders(blocks, tmp_path):
    (tmp_path / "job" / "x").mkdir(parents=True)
    (tmp_path / "job" / ".s3_access_check").touch()
    for number, part in enumerate(cut(blocks, 1000), 1):
        (tmp_path / "job" / str(number)).write_text(json.dumps(part), encoding="utf-8")
    with pytest.raises(CorruptFileError, match=r"without JSON files\. It has 'job'; name one"):
        TextractLoader(tmp_path).load()
    assert len(TextractLoader(tmp_path / "job").load()[0].pages) == 6


def test_several_sources(textract, blocks):
    paths = sorted((textract / "responses").glob("tx_run1_*.json.gz"))
    layouts = TextractLoader(paths, concurrency=2).load()
    assert [layout.source for layout in layouts] == [str(path) for path in paths]
    with pytest.raises(InvalidInputError, match=r"10 documents|\d+ documents; load\(\) gives one"):
        ragkit.textract.load(paths)
    with pytest.raises(InvalidInputError, match="responses and paths"):
        TextractLoader([{"Blocks": blocks}, paths[0]])


def test_reading_responses_needs_no_boto3(textract):
    code = (
        "import sys, ragkit.textract as t, ragkit.aws\n"
        "from ragkit.loading import TextractLoader\n"
        "from ragkit.aws import AnalysisOptions, TextractJob, TextractQuery, analyze_document\n"
        "TextractLoader('x.png', features=['LAYOUT'], upload_to='s3://bucket')\n"
        "t.load(sys.argv[1])\n"
        "assert not {'boto3', 'botocore'} & set(sys.modules)"
    )
    path = textract / "responses" / "tx_layout.json.gz"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
