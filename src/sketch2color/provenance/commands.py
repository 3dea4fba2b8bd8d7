"""The commands ``audit``, ``trace``, ``diff``, ``sync``, ``compare``; MLflow and DVC are imported on use."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sketch2color.errors import UserError
from sketch2color.files import write_text
from sketch2color.terminal import print_line

COMPARED = "a git revision, a DVC experiment, an MLflow run's id or its beginning, or . for the workspace"


def add_audit(commands: Any) -> None:
    """Add ``sketch2color audit``."""
    parser = _add(
        commands,
        _audit,
        help="check that data, code, parameters, results and record agree",
        description="Compare every file that dvc.lock names, DVC's cache, MLflow's record and git, and list "
        "what does not agree. The exit code is 0 if everything does.",
        epilog="Example: sketch2color audit --rerun clean",
    )
    help_text = (
        "instead, run all stages, or this one, again in a temporary clone of the last commit, and compare "
        "what they write byte for byte"
    )
    parser.add_argument("--rerun", nargs="?", const="", metavar="STAGE", help=help_text)


def _audit(options: argparse.Namespace) -> int:
    from sketch2color.provenance.audit.audit import audit
    from sketch2color.provenance.rerun import rerun

    report = audit(Path.cwd()) if options.rerun is None else rerun(Path.cwd(), options.rerun)
    _print(report, options.json)
    return 0 if report.ok else 1


def add_trace(commands: Any) -> None:
    """Add ``sketch2color trace``."""
    parser = _add(
        commands,
        _trace,
        help="show what a file, a run or a metric was made from",
        description="Follow the record back by content: from an image to the weights, to the training "
        "images, to their source. The exit code is 0 if every branch ends at a source.",
        epilog="Example: sketch2color trace evaluate/cyclegan/paper_noise",
    )
    help_text = (
        "a file of an output, or a copy of it; a result of `colorize`; the id of an MLflow run, or its "
        "beginning; or a metric, as in "
        "reports/evaluate/metrics.json:cyclegan.paper_noise or evaluate/cyclegan/paper_noise"
    )
    parser.add_argument("subject", metavar="FILE|RUN|METRIC", help=help_text)


def _trace(options: argparse.Namespace) -> int:
    from sketch2color.provenance.trace import trace

    found = trace(Path.cwd(), options.subject)
    _print(found, options.json)
    return 0 if found.complete else 1


def add_diff(commands: Any) -> None:
    """Add ``sketch2color diff``."""
    parser = _add(
        commands,
        _diff,
        help="show what differs between two experiments",
        description="Compare parameters, images, code, environment and metrics of two experiments.",
        epilog="Example: sketch2color diff HEAD~1 .",
    )
    parser.add_argument("left", metavar="A", help=COMPARED)
    parser.add_argument("right", metavar="B", help=COMPARED)


def _diff(options: argparse.Namespace) -> int:
    from sketch2color.provenance.diff import diff

    _print(diff(Path.cwd(), options.left, options.right), options.json)
    return 0


def add_sync(commands: Any) -> None:
    """Add ``sketch2color sync``."""
    commands.add_parser(
        "sync",
        help="deliver runs that were recorded without a server",
        description="Copy ended runs of this checkout's own record (tracking.offline: true) to the server "
        "that MLFLOW_TRACKING_URI names. A run that has arrived is not sent again.",
        epilog="Example: MLFLOW_TRACKING_URI=https://mlflow.example.org sketch2color sync",
    ).set_defaults(run=_sync)


def _sync(_options: argparse.Namespace) -> int:
    from sketch2color.provenance.record.store import tracking_uri
    from sketch2color.provenance.sync import sync

    print_line(f"{sync(Path.cwd())} runs delivered to {tracking_uri(Path.cwd())}")
    return 0


def add_compare(commands: Any) -> None:
    """Add ``sketch2color compare``."""
    parser = commands.add_parser(
        "compare",
        help="show the reports of several runs side by side",
        description="Write one page from the reports of two or more runs: what differs between them, their "
        "metrics, the paired differences over the sketches they share, their curves and their images.",
        epilog="Example: sketch2color compare HEAD wide --out reports/wide.html",
    )
    runs = "a checkout or folder of a report; a git revision or DVC experiment; an MLflow run of evaluate"
    parser.add_argument("runs", nargs="+", metavar="RUN", help=runs)
    out, help_text = Path("reports/compare.html"), "the page to write (default: %(default)s)"
    parser.add_argument("--out", type=Path, default=out, metavar="FILE.html", help=help_text)
    parser.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> int:
    from sketch2color.provenance.reports import read_report
    from sketch2color.report import compare

    if len(options.runs) < 2:
        raise UserError("one run has nothing to be compared with: name two or more")
    runs = [compare.read(name, read_report(name, Path.cwd())) for name in options.runs]
    write_text(options.out, compare.render(runs))
    print_line(str(options.out))
    return 0


def _add(commands: Any, run: Callable[[argparse.Namespace], int], **texts: str) -> argparse.ArgumentParser:
    """Add the command that ``run`` is named after, with the option ``--json``."""
    parser: argparse.ArgumentParser = commands.add_parser(run.__name__.strip("_"), **texts)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def _print(report: Any, as_json: bool) -> None:
    text: str = report.to_json() if as_json else report.to_text()
    for line in text.rstrip("\n").split("\n"):
        print_line(line)
