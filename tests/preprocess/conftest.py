from tests.watermarks.conftest import badged, color_finder, drawing, page, raw

__all__ = ["badged", "color_finder", "drawing", "page", "raw"]
