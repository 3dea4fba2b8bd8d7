"""Detect, mask and fill publishers' marks."""
