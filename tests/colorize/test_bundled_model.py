import hashlib
import re

import numpy as np
import pytest
from tests.colorize.test_drawing import sketch

from sketch2color.cli import main
from sketch2color.colorize.colorizer import BUNDLED, Colorizer
from sketch2color.models.generators.registry import WEIGHTS


def test_it_is_the_file_that_its_readme_names():
    (said,) = re.findall(r"[0-9a-f]{64}", (BUNDLED / "README.md").read_text())
    content = (BUNDLED / WEIGHTS).read_bytes()
    assert hashlib.sha256(content).hexdigest() == said
    assert len(content) < 3_000_000


@pytest.mark.slow
def test_it_colours_parts_and_leaves_paper():
    image = sketch(256)
    colored = Colorizer.load().colorize(image)
    paper, inside = colored[:20].astype(int), colored[115:125, 60:100].astype(int)
    assert np.abs(paper - 255).max() <= 3
    assert (255 - inside.min(2)).mean() > 15


@pytest.mark.slow
def test_the_command_works_before_anything_was_trained(tmp_path, monkeypatch, capsys):
    from sketch2color import imaging

    monkeypatch.chdir(tmp_path)
    imaging.write_png(tmp_path / "sketch.png", sketch(256))
    assert main(["colorize", "sketch.png", "out"]) == 0
    assert "comes with sketch2color" in capsys.readouterr().err
    assert (tmp_path / "out/sketch.png").is_file()
    (tmp_path / "models/cyclegan").mkdir(parents=True)
    with pytest.raises(SystemExit):  # a trained model that is damaged is named, not passed over
        main(["colorize", "sketch.png", "other"])
