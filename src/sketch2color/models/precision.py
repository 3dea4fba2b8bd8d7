"""bfloat16 where the hardware calculates in it: half the time of fp32.

Elsewhere torch imitates it: on a processor with AVX2 alone that took nine times fp32's time.
"""

import torch

MISSING = "no bf16 arithmetic here: calculating in fp32, which is slower and ends in other digits"
"""What is said to who asked for bf16 by a parameter."""


def has_bf16() -> bool:
    """Tell whether what networks run on here, a GPU or the processor, calculates in bfloat16."""
    return _gpu_has_bf16() if torch.cuda.is_available() else processor_has_bf16()


def processor_has_bf16() -> bool:
    """Tell whether the processor does: AVX-512 BF16 or AMX."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(wanted: bool = True) -> torch.autocast:
    """Return the context in which a network calculates in bfloat16 on the processor, if wanted and had."""
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and processor_has_bf16())


def _gpu_has_bf16() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))
