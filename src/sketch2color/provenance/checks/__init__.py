"""The checks of an audit, one per file; each finds what no longer agrees with dvc.lock."""

from sketch2color.provenance.checks.files import check_files
from sketch2color.provenance.checks.finding import Check
from sketch2color.provenance.checks.git import check_git
from sketch2color.provenance.checks.lineage import check_lineage
from sketch2color.provenance.checks.metrics import check_metrics
from sketch2color.provenance.checks.pipeline import check_pipeline
from sketch2color.provenance.checks.runs import check_runs

CHECKS: tuple[Check, ...] = (
    check_pipeline,
    check_files,
    check_runs,
    check_metrics,
    check_lineage,
    check_git,  # last: it leaves out paths that have a finding
)
