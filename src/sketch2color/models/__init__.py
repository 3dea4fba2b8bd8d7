"""Generators, discriminators and perceptual feature extractors: plain ``nn.Module``s."""
