import pytest
import torch

from sketch2color.models.sketch_lines import background_mask, flatten_illumination, flood_from_border


def uniform(color: tuple[float, float, float], size: int = 64) -> torch.Tensor:
    return torch.tensor(color).reshape(1, 3, 1, 1).expand(1, 3, size, size)


def test_even_ground_becomes_white_and_lines_stay():
    image = uniform((0.0, 0.0, 0.0))[:, :1].clone()  # mid grey
    image[..., 32:, :] = 1.0
    image[..., 10:13] = -1.0
    drawn = flatten_illumination(image)
    expected = torch.ones_like(image)
    expected[..., 10:13] = -1.0
    assert torch.allclose(drawn, expected, atol=1e-5)


def test_dark_areas_wider_than_the_window_are_ground():
    image = uniform((1.0, 1.0, 1.0))[:, :1].clone()
    image[..., 20:44, 20:44] = -0.5
    assert flatten_illumination(image)[..., 32, 32].item() == pytest.approx(1.0)
    assert flatten_illumination(image, window=31)[..., 32, 32].item() == pytest.approx(-0.5)


def test_what_a_closed_line_surrounds_is_not_reached():
    sheet = uniform((1.0, 1.0, 1.0))[:, :1].clone()
    sheet[..., 16:48, 16:48] = -1.0
    sheet[..., 20:44, 20:44] = 1.0
    flood = flood_from_border(sheet, gap=4)
    assert flood.shape == (1, 1, 16, 16)
    assert flood[0, 0, 8, 8] == -1
    assert (flood[0, 0, 0] == 1).all()
    sheet[..., 16:20, 28:36] = 1.0  # a gap lets it in
    assert (flood_from_border(sheet, gap=4)[0, 0, 5:11, 5:11] == 1).all()
    assert (flood_from_border(sheet, gap=16)[0, 0, 1:3, 1:3] == -1).all()


def test_a_grey_line_is_a_threshold_not_a_wall():
    sheet = uniform((1.0, 1.0, 1.0))[:, :1].clone()
    sheet[..., 16:48, 16:48] = 0.25
    sheet[..., 20:44, 20:44] = 1.0
    assert flood_from_border(sheet, gap=4)[0, 0, 8, 8].item() == pytest.approx(0.25)


def test_the_background_is_the_paper_round_the_drawing_ten_pixels_from_ink():
    sheet = uniform((0.8, 0.7, 0.6), 160).clone()
    sheet[..., 60:120, 60:120] = -1.0
    sheet[..., 64:116, 64:116] = 0.7
    sheet[..., 60:64, 80:95] = 0.7  # too narrow a gap to come in by
    rows = background_mask(sheet)[0, 0, :, 90]
    assert rows[:46].all()
    assert not rows[50:130].any()
    assert rows[134:].all()
