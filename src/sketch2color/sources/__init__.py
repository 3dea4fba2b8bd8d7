"""Where pictures come from, and how they enter: one manifest, one list of the rejected."""
