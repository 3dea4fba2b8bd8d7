"""The write side of provenance: MLflow runs tied to DVC's hashes. Stages import nothing else of it."""

import os

# Before any import of mlflow, which reads them at once: no telemetry, and no progress bars over the stages'.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

OUTER_JOB = (
    "MLFLOW_RUN_ID",
    "_MLFLOW_ENABLE_SGC_RUN_RESUMPTION_FOR_DATABRICKS_JOBS",
    "MLFLOW_RUN_CONTEXT",
    "MLFLOW_ACTIVE_MODEL_ID",
    "_MLFLOW_ACTIVE_MODEL_ID",
    "MLFLOW_REGISTRY_URI",
    "MLFLOW_ENABLE_WORKSPACES",
    "MLFLOW_ENABLE_ASYNC_LOGGING",
)
"""Variables of a job that starts a pipeline, which is no part of its run: they would have a stage write into
that run, or its tags, metrics and models go elsewhere or come after the record is closed."""
for _name in OUTER_JOB:
    os.environ.pop(_name, None)
