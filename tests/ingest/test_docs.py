"""The examples of docs/datasets.md are what source.yaml may hold."""

import re
import textwrap
from pathlib import Path
from typing import get_args

import pytest

from sketch2color.config import source

PAGE = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")
BLOCKS = [
    textwrap.dedent(block).strip() + "\n"
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)
]
WHOLE = [block for block in BLOCKS if re.search("^type:", block, re.MULTILINE)]
FOLDER = "type: folder\npath: images\ndomains: {sketch: a/*, color: b/*}\n"


def read(text, tmp_path):
    (tmp_path / "source.yaml").write_text(text, encoding="utf-8")
    return source.read(tmp_path)


def example(block):
    """A block's source.yaml, without what stands below it, and with a hash written out."""
    return block.split("\n\n")[0].replace("7f1c…", "0" * 63 + "a")


@pytest.mark.parametrize("block", WHOLE, ids=[re.search(r"type: (\S+)", block)[1] for block in WHOLE])
def test_an_example_is_a_definition(block, tmp_path):
    read(example(block), tmp_path)


def test_every_kind_has_an_example():
    kinds = {kind.model_fields["type"].default for kind in get_args(source.SourceConfig)}
    assert {re.search(r"type: (\S+)", block)[1] for block in WHOLE} == kinds


@pytest.mark.parametrize("key", ["splits", "same"])
def test_what_may_be_added_to_any_folder(key, tmp_path):
    (block,) = [block for block in BLOCKS if block.startswith(f"{key}:")]
    assert getattr(read(FOLDER + block, tmp_path), key)


def test_a_crawl_policy_may_be_added_to_a_gallery(tmp_path):
    (block,) = [block for block in BLOCKS if block.startswith("requests_per_second:")]
    gallery = next(example(whole) for whole in WHOLE if "type: gallery" in whole)
    assert read(f"{gallery}\n{block}", tmp_path).allow_private == ("intranet.example.org",)


def test_the_kaggle_example_is_the_file_that_is_there(tmp_path):
    real = Path(__file__).parents[2] / "data" / "sources" / "anime"
    given = read(next(example(block) for block in WHOLE if "type: kaggle" in block), tmp_path)
    there = source.read(real)
    assert (given.globs, given.splits, given.pairs) == (there.globs, there.splits, there.pairs)
    assert given.dataset == there.dataset
