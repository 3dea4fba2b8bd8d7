"""The arrows between the rooms (docs/architecture.md), held by import-linter."""

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

CONTRACTS = Path(__file__).parents[2] / ".importlinter"


def test_imports_keep_to_the_arrows():
    assert lint_imports(str(CONTRACTS), no_cache=True) == EXIT_STATUS_SUCCESS
