"""The initialisation of the published CycleGAN."""

import torch
from torch import nn


def initialize(network: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of all convolutions from N(0, 0.02) and set their biases to 0 (Zhu et al. 2017, 7.1).

    Other layers keep the weights of their constructors. ``generator`` is on the CPU.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
