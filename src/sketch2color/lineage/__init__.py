"""The record: MLflow runs tied to DVC's hashes."""
