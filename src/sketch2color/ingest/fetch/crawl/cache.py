"""What sites have answered, kept until somebody deletes it: pages, robots.txt, and final refusals."""

import json
from pathlib import Path

from scrapy import Request, Spider
from scrapy.extensions.httpcache import DummyPolicy
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from sketch2color.files import write_bytes
from sketch2color.imaging.errors import is_web_page
from sketch2color.ingest.fetch.crawl.crawl_store import place

_PASSING = (407, 408, 425, 429)
"""Client errors that may be gone the next time, or are the proxy's."""


class Policy(DummyPolicy):
    """Keeps what will be the same next time. Images have a place of their own."""

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Tell whether an answer is kept."""
        if response.status == 200:
            return not request.meta.get("image") or not response.body or is_web_page(response.body)
        # Temporary redirects often lead to addresses that expire: they are asked for anew.
        return response.status in (301, 308) or (
            400 <= response.status < 500 and response.status not in _PASSING
        )


class Storage:
    """One file an answer, written whole or not at all: a line of JSON, then the body as it came."""

    def __init__(self, settings: BaseSettings) -> None:
        self._root = Path(settings["HTTPCACHE_DIR"])

    def open_spider(self, spider: Spider) -> None:
        """There is nothing to open."""

    def close_spider(self, spider: Spider) -> None:
        """There is nothing to close."""

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """Return the kept answer to ``request``; None where there is none."""
        try:
            head, _, body = (self._root / place(request.url)).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        kept = json.loads(head)
        headers = Headers({name.encode("latin-1"): values for name, values in kept["headers"].items()})
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(url=request.url, status=kept["status"], headers=headers, body=body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep ``response``."""
        headers = {
            name.decode("latin-1"): [value.decode("latin-1") for value in response.headers.getlist(name)]
            for name in response.headers
        }
        head = json.dumps({"url": request.url, "status": response.status, "headers": headers})
        write_bytes(self._root / place(request.url), head.encode() + b"\n" + response.body)
