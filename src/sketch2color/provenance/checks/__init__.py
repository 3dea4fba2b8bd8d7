"""The checks of the audit, one per file."""
