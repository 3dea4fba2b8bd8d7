"""The objective, the training loop and what runs the trained generator."""
