"""What a trained generator makes of a sketch."""
