"""The record: MLflow runs tied to DVC's hashes."""

import os

# Before any module imports mlflow, which reads them at once: nothing phones home or draws over our lines.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
