"""The example of docs/watermarks.md is what watermarks.yaml may hold."""

import re
import textwrap
from pathlib import Path

import pytest

from sketch2color.cli import main
from sketch2color.manifest import ImageRow, MarkAction
from sketch2color.watermarks import overrides
from sketch2color.watermarks.overrides import ImageNames
from sketch2color.watermarks.review import MAX_ROWS

PAGE = (Path(__file__).parents[2] / "docs" / "watermarks.md").read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)]


def test_the_example_is_read_and_says_all_that_can_be_said(tmp_path):
    (example,) = [block for block in BLOCKS if "watermarks.yaml" in block]
    (tmp_path / "watermarks.yaml").write_text(example, encoding="utf-8")
    images = [
        ImageRow(
            id=name,
            domain="sketch",
            split="train",
            group=name,
            pair="",
            source=source,
            license="",
            sha256="",
            width=900,
            height=1000,
        )
        for name, source in (
            ("a", "sketches/lamp.png"),
            ("b", "coloured/poster.jpg"),
            ("0f3a9c51d2b7e684", "x.png"),
            ("c", "scans/1.png"),
        )
    ]
    said = overrides.read(tmp_path / "watermarks.yaml", images, ImageNames(images, []))
    assert len(said["a"].remove) == 2
    assert said["a"].remove[1].is_ellipse
    assert said["a"].keep
    assert said["b"].leave
    assert (said["c"].pattern, len(said["c"].remove)) == ("scans/*", 1)
    assert said["0f3a9c51d2b7e684"].drop


def test_the_command_of_the_page_is_one(tmp_path):
    (command,) = [block for block in BLOCKS if block.startswith("sketch2color ")]
    words = command.split("#")[0].split()[1:]
    with pytest.raises(SystemExit, match="does not exist"):
        main([str(tmp_path / word) if word.isupper() else word for word in words])


def test_the_page_names_every_action_and_how_many_are_shown():
    for action in MarkAction.__args__:
        assert f"`{action}`" in " ".join(PAGE.split())
    assert f"at most {MAX_ROWS} images of a section" in PAGE
