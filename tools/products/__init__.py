"""Synthetic product sketches and marker renderings: forms, passes, and the hand that draws them."""
