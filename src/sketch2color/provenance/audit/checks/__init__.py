"""The checks of an audit, one per file; each finds what no longer agrees with dvc.lock."""

from sketch2color.provenance.audit.checks.files import check_files
from sketch2color.provenance.audit.checks.finding import Check
from sketch2color.provenance.audit.checks.git import check_git
from sketch2color.provenance.audit.checks.lineage import check_lineage
from sketch2color.provenance.audit.checks.metrics import check_metrics
from sketch2color.provenance.audit.checks.pipeline import check_pipeline
from sketch2color.provenance.audit.checks.runs import check_runs

CHECKS: tuple[Check, ...] = (
    check_pipeline,
    check_files,
    check_runs,
    check_metrics,
    check_lineage,
    check_git,  # last: it leaves out paths that have a finding
)
