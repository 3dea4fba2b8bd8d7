from tests.watermarks.conftest import badged, color_detector, drawing, page, raw

__all__ = ["badged", "color_detector", "drawing", "page", "raw"]
