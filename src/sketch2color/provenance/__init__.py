"""Record every run of a stage, and answer for results: audit, trace, diff, sync, rerun."""

import sketch2color.provenance.record  # noqa: F401 - before mlflow, whose telemetry it switches off
