import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(autouse=True, scope="session")
def tools():
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="session")
def passes(tools):
    """A ball on a foot, small but whole: what every style is drawn from."""
    from products.raster import render
    from products.shapes import above, join, lathe, panel
    from products.views import Camera

    ball = lathe([(0, 0.1), (0.3, 0.1), (0.4, 0.5), (0.3, 0.9), (0, 0.9)], "main:ball", radius=0.3, around=32)
    ball = panel(ball, above(2, 0.4, -1), "accent:half", depth=0.01)
    return render(
        join(ball, lathe([(0, 0), (0.3, 0), (0.3, 0.12), (0, 0.12)], "dark:foot")), Camera(20, 20, 4)
    )
