"""Fields of forms of real responses: none is lost, whatever has its words."""

from __future__ import annotations

import ragkit.textract


def is_field(block):
    kinds = block.get("EntityTypes") or []
    relations = block.get("Relationships") or []
    is_key = block["BlockType"] == "KEY_VALUE_SET" and "KEY" in kinds
    return is_key and any(relation["Type"] == "VALUE" for relation in relations)


def test_every_field_and_table_is_there(answers):
    count = 0
    for name, response, _ in answers:
        layout = ragkit.textract.load(response)
        fields = [block for block in response["Blocks"] if is_field(block)]
        tables = [block for block in response["Blocks"] if block["BlockType"] == "TABLE"]
        assert {pair.id for pair in layout.key_values} >= {block["Id"] for block in fields}, name
        assert len(layout.tables) == len(tables), name
        count += len(fields)
    assert count > 900


def test_a_field_keeps_its_words_where_a_table_has_them(answers):
    response = next(r for name, r, _ in answers if name == "trp_paystub-response")
    fields = ragkit.textract.load(response).key_values
    assert fields.get("social security number").text == "987-65-4321"
    assert fields.get("gross pay").text == "$ 452.43"
    assert fields.get("birthday") is None
