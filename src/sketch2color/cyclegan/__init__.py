"""CycleGAN: losses, data, training loop, checkpoints, checkpoint selection, logging."""
