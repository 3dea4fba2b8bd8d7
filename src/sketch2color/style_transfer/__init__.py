"""Gatys style transfer, the baseline."""
