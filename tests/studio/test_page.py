"""The built page in a browser."""

import pytest

pytestmark = pytest.mark.slow


def test_the_page_opens(page):
    assert page.title() == "sketch2color studio"
