"""What stands behind a result: whether it still holds, where it came from, how it differs from another."""

import sketch2color.provenance.record  # noqa: F401 - before mlflow, which it keeps from reporting home
