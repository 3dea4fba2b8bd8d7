"""bfloat16 where the hardware computes in it: half the time of fp32.

Elsewhere torch emulates it: on a processor with AVX2 alone that took nine times fp32's time.
"""

import torch

MISSING = "no bf16 arithmetic here: calculating in fp32, which is slower and ends in other digits"
"""The message where a parameter asks for bf16."""


def has_bf16() -> bool:
    """Return whether the device that networks run on, a GPU or the processor, computes in bfloat16."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return processor_has_bf16()


def processor_has_bf16() -> bool:
    """Return whether the processor has AVX-512 BF16 or AMX."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(wanted: bool = True) -> torch.autocast:
    """Return the context in which networks compute in bfloat16 on the processor, if wanted and available."""
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and processor_has_bf16())
