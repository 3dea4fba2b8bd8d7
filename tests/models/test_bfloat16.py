import pytest
import torch

from sketch2color.models import bfloat16


@pytest.mark.parametrize(
    ("wanted", "had", "found"),
    [(True, True, torch.bfloat16), (True, False, torch.float32), (False, True, torch.float32)],
)
def test_networks_calculate_in_bf16_if_wanted_and_had(monkeypatch, wanted, had, found):
    monkeypatch.setattr(bfloat16, "processor_has_bf16", lambda: had)
    with bfloat16.autocast(wanted):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == found


@pytest.mark.parametrize("on_gpu", [True, False])
def test_what_a_gpu_has_counts_where_there_is_one(monkeypatch, on_gpu):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: on_gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    monkeypatch.setattr(bfloat16, "processor_has_bf16", lambda: False)
    assert bfloat16.has_bf16() is on_gpu


@pytest.mark.parametrize(("avx512", "amx"), [(True, False), (False, True), (False, False)])
def test_the_processor_has_it_by_avx512_or_amx(monkeypatch, avx512, amx):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert bfloat16.processor_has_bf16() is (avx512 or amx)
