import re
from dataclasses import replace

import pytest
from tests.evaluation import contents

from sketch2color.cli import main
from sketch2color.confidence_intervals import Estimate
from sketch2color.errors import UserError
from sketch2color.report import compare
from sketch2color.report.columns import Run, columns
from sketch2color.report.compare import differences
from sketch2color.report.evaluation_data import from_page
from sketch2color.report.report import render


@pytest.fixture(scope="module")
def monday(tmp_path_factory):
    return render(contents.make(tmp_path_factory.mktemp("monday")))


@pytest.fixture(scope="module")
def runs(monday):
    """Tuesday's CycleGAN is noisier by 1, 2 and 3, and its style transfer the same; it had more epochs."""
    first = compare.read("monday", monday)
    data = from_page(monday)
    scores = {method: {**by_id} for method, by_id in data.scores.items()}
    for index, name in enumerate(contents.IDS):
        noise = scores["cyclegan"][name]["paper_noise"] + index + 1
        scores["cyclegan"][name] = {**scores["cyclegan"][name], "paper_noise": noise}
    estimates = {**data.estimates, "cyclegan": {**data.estimates["cyclegan"]}}
    estimates["cyclegan"]["paper_noise"] = Estimate(2.5, 3, 1.5, 3.5)
    parameters = {**data.about.parameters, "train_cyclegan.epochs": 9, "new": True}
    about = replace(data.about, parameters=parameters, inputs={"models/cyclegan": "cd" * 16})
    return [first, Run("tuesday", replace(data, scores=scores, estimates=estimates, about=about))]


@pytest.fixture(scope="module")
def text(runs):
    return compare.render(runs)


def words(text):
    return " ".join(re.sub("<[^>]*>", " ", text).split())


def test_what_is_the_same_in_all_runs_is_one_column(runs):
    found = [(column.title, column.run) for column in columns(runs)]
    assert found == [
        ("Sketch", ""),
        ("Style transfer", ""),
        ("CycleGAN", "monday"),
        ("CycleGAN", "tuesday"),
        ("Real", ""),
    ]


def test_of_three_runs_the_two_that_agree_share_a_column(runs):
    third = Run("wednesday", runs[0].data)
    names = [column.run for column in columns([*runs, third]) if column.method == "cyclegan"]
    assert names == ["monday, wednesday", "tuesday"]


def test_differences_are_paired_over_the_sketches_that_both_have(runs):
    one, other = (column for column in columns(runs) if column.method == "cyclegan")
    found = differences(other, one)
    assert found["paper_noise"] == Estimate(2.0, 3, 1.0, 3.0)
    assert found["psnr"].n == 2
    fewer = dict(runs[1].data.scores["cyclegan"])
    del fewer["bb22"]
    scores = {**runs[1].data.scores, "cyclegan": fewer}
    shorter = Run("tuesday", replace(runs[1].data, scores=scores))
    one, other = (column for column in columns([runs[0], shorter]) if column.method == "cyclegan")
    fewer = differences(other, one)["paper_noise"]
    assert (fewer.value, fewer.n) == (2.0, 2)


def test_the_page_says_what_differs_and_by_how_much(text):
    texts = words(text)
    assert "train_cyclegan.epochs 8 9" in texts
    assert "new – True" in texts
    assert "models/cyclegan abababab cdcdcdcd" in texts
    assert "preset quick" not in texts  # the same in both
    assert "CycleGAN, tuesday is higher than CycleGAN, monday by 2.00 ΔE (95 %: 1.00 to 3.00" in texts
    assert "Style transfer: all runs have the same results, which are shown once." in texts
    assert "worse Noise on blank paper" in texts


def test_the_page_shows_the_images_of_all_runs_the_worst_change_first(text, runs):
    assert re.findall(r'id="sketch-(\w+)"', text) == ["cc33", "bb22", "aa11"]
    first = text[text.index('id="sketch-cc33"') :].split("</article>")[0]
    assert re.findall(r'data-image="([\w/]+)"', first) == [
        "sketch/0/cc33",
        "style_transfer/0/cc33",
        "cyclegan/0/cc33",
        "cyclegan/1/cc33",
    ]
    assert runs[0].data.images["cc33"]["cyclegan"] in first
    assert "Ana &amp; Co" in text  # who drew them


def test_sketches_that_only_one_run_has_are_named_and_left_out(runs):
    one = runs[1].data
    scores = {method: {k: v for k, v in by_id.items() if k != "aa11"} for method, by_id in one.scores.items()}
    images = {name: row for name, row in one.images.items() if name != "aa11"}
    fewer = Run("tuesday", replace(one, scores=scores, images=images, order=("cc33", "bb22")))
    text = compare.render([runs[0], fewer])
    assert "monday has 3 sketches, 1 of which not all others have." in text
    assert re.findall(r'id="sketch-(\w+)"', text) == ["cc33", "bb22"]


def test_runs_with_nothing_in_common_are_still_a_page(runs):
    one = runs[1].data
    scores = {method: {f"x{k}": v for k, v in by_id.items()} for method, by_id in one.scores.items()}
    other = Run("elsewhere", replace(one, scores=scores, images={}, order=("xaa11",), faults={}))
    text = compare.render([runs[0], other])
    assert "0 sketches of the test split that all of them have" in words(text)
    assert "No sketch has a score of both." in text


def test_runs_that_different_code_evaluated_are_marked(runs, text):
    assert "evaluated by different code" not in text
    code = {"src/sketch2color/evaluation": "ef" * 16}
    about = replace(runs[1].data.about, inputs={**runs[1].data.about.inputs, **code})
    other = Run("tuesday", replace(runs[1].data, about=about))
    assert "evaluated by different code (src/sketch2color/evaluation)" in compare.render([runs[0], other])


def test_a_run_against_itself_differs_in_nothing(runs):
    text = words(compare.render([runs[0], Run("again", runs[0].data)]))
    assert "All parameters are the same." in text
    assert "There are none: each method's results are the same in all runs." in text


def test_an_older_report_and_a_name_given_twice_are_one_line(runs, monday):
    with pytest.raises(UserError, match=r"old: its report cannot be compared .*run `dvc repro`"):
        compare.read("old", "<p>a report without data</p>")
    with pytest.raises(UserError, match="monday is named twice"):
        compare.render([runs[0], runs[0]])


def test_the_command_writes_the_page_or_one_line(tmp_path, monday):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text(monday)
    out = tmp_path / "compare.html"
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    assert main(["compare", one, two, "--out", str(out)]) == 0
    assert "2 runs side by side" in out.read_text()
    out.unlink()
    (tmp_path / "two" / "report.html").write_text("<p>nothing</p>")
    for runs in ([one], [one, one], [one, two]):
        with pytest.raises(SystemExit, match=r"sketch2color compare: [^\n]*$"):
            main(["compare", *runs, "--out", str(out)])
    assert not out.exists()


def test_curves_name_their_run_also_where_another_has_none(runs):
    text = compare.render([Run("bare", replace(runs[0].data, losses={})), *runs])
    (label,) = re.findall(r'aria-label="(Cycle loss ends at[^"]*)"', text)
    assert re.fullmatch(r"Cycle loss ends at no value \(bare\), (\S+) \(monday\), \1 \(tuesday\)", label)
    assert "smooth run0" not in text
    assert all(f"smooth run{run}" in text for run in (1, 2))
