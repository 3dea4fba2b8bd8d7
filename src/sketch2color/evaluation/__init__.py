"""The stage evaluate: both methods and the untouched sketch are scored on held-out sketches."""
