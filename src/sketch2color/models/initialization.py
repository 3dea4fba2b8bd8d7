"""The initialisation of the published CycleGAN."""

import torch
from torch import nn


def initialize(network: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of all convolutions from N(0, 0.02) and set their biases to 0 (Zhu et al. 2017, 7.1).

    Args:
        network: changed in place; layers that are no convolutions keep what their constructors gave them.
        generator: the source of randomness, on the CPU.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            for name, values in layer.named_parameters():
                if "weight" in name:  # parametrizations.weight.original, where a norm is put over it
                    nn.init.normal_(values, 0.0, 0.02, generator=generator)
                else:
                    nn.init.zeros_(values)
