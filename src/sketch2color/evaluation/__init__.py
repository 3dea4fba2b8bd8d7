"""Judging on held-out sketches: one metric per file, and the report."""
