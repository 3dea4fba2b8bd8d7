"""The commands over the record: ``sketch2color audit``, ``trace``, ``diff`` and ``sync``."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add them to the sub-commands of the command line."""
    _add_audit(commands)
    _add_trace(commands)
    _add_diff(commands)
    _add_sync(commands)


def _add_audit(commands: Any) -> None:
    audit = commands.add_parser(
        "audit",
        help="check that data, code, parameters, results and record still agree",
        description="Read every file that dvc.lock names, DVC's cache, MLflow's record and git beside it, "
        "and say what no longer agrees. Exit code 0 only when everything does.",
    )
    audit.add_argument("--json", action="store_true", help="print the verdict as JSON")
    audit.add_argument(
        "--rerun",
        nargs="?",
        const="",
        metavar="STAGE",
        help="instead, run every stage, or this one, again in a clone of the last commit that is removed "
        "afterwards, and compare what it writes byte for byte",
    )
    audit.set_defaults(run=_audit)


def _add_trace(commands: Any) -> None:
    trace = commands.add_parser(
        "trace",
        help="show what a file, a run or a figure was made from",
        description="Follow the record back by content: this image, by these weights, from these training "
        "images, of this source. Exit code 0 only when every way arrives at a source.",
    )
    trace.add_argument(
        "subject",
        metavar="FILE|RUN|FIGURE",
        help="a file of an output, wherever it lies; the id of an MLflow run, or the beginning of it; or a "
        "figure, as in reports/evaluate/metrics.json:cyclegan.paper_noise or evaluate/cyclegan/paper_noise",
    )
    trace.add_argument("--json", action="store_true", help="print the way as JSON")
    trace.set_defaults(run=_trace)


def _trace(chosen: argparse.Namespace) -> int:
    from sketch2color.provenance import trace_text
    from sketch2color.provenance.trace import trace

    found = trace(Path.cwd(), chosen.subject)
    sys.stdout.write(trace_text.to_json(found) if chosen.json else trace_text.to_text(found))
    return 0 if found.whole else 1


def _add_diff(commands: Any) -> None:
    diff = commands.add_parser(
        "diff",
        help="show what differs between two experiments",
        description="Compare parameters, images, code, environment and scores of two experiments.",
    )
    for name in ("a", "b"):
        diff.add_argument(
            name,
            metavar=name.upper(),
            help="a git revision, a DVC experiment, the id of an MLflow run or its beginning, or . for the "
            "workspace",
        )
    diff.add_argument("--json", action="store_true", help="print the differences as JSON")
    diff.set_defaults(run=_diff)


def _diff(chosen: argparse.Namespace) -> int:
    from sketch2color.provenance import diff_text
    from sketch2color.provenance.diff import diff

    found = diff(Path.cwd(), chosen.a, chosen.b)
    sys.stdout.write(diff_text.to_json(found) if chosen.json else diff_text.to_text(found))
    return 0


def _add_sync(commands: Any) -> None:
    sync = commands.add_parser(
        "sync",
        help="deliver runs that were recorded without a server",
        description="Copy ended runs of this checkout's own record (tracking.offline: true) to the server "
        "that MLFLOW_TRACKING_URI names; each arrives once, however often this is run.",
    )
    sync.set_defaults(run=_sync)


def _sync(_chosen: argparse.Namespace) -> int:
    from sketch2color.provenance.record.store import tracking_uri
    from sketch2color.provenance.sync import sync

    print(f"{sync(Path.cwd())} runs delivered to {tracking_uri(Path.cwd())}")
    return 0


def _audit(chosen: argparse.Namespace) -> int:
    # MLflow and DVC take seconds to import: --help and typing errors need not wait for them.
    from sketch2color.provenance import audit_text
    from sketch2color.provenance.audit import audit
    from sketch2color.provenance.rerun import rerun

    verdict = audit(Path.cwd()) if chosen.rerun is None else rerun(Path.cwd(), chosen.rerun)
    sys.stdout.write(audit_text.to_json(verdict) if chosen.json else audit_text.to_text(verdict))
    return 0 if verdict.holds else 1
