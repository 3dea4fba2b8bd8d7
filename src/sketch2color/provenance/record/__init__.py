"""The write side of provenance: MLflow runs tied to DVC's hashes. Stages import nothing else of it."""

import os

# Before any import of mlflow, which reads them at once: no telemetry, and no progress bars over the stages'.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
