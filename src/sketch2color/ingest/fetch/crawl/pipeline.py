"""Keeping images: Scrapy's files pipeline, with files that are written whole and never fetched again."""

from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from scrapy import Request
from scrapy.http import Response
from scrapy.pipelines.files import FilesPipeline, FSFilesStore
from scrapy.pipelines.media import FileInfo
from twisted.python.failure import Failure

from sketch2color.imaging.errors import is_web_page
from sketch2color.ingest.fetch.crawl import reasons, requests
from sketch2color.ingest.fetch.crawl.crawl_store import FOLDERS, place
from sketch2color.ingest.fetch.crawl.reasons import Refused
from sketch2color.ingest.fetch.list_files import printable


class Store(FSFilesStore):
    """A folder of files that are whole: what is there has arrived."""

    def __init__(self, basedir: str) -> None:
        super().__init__(basedir)
        for name in FOLDERS:
            Path(basedir, name).mkdir(exist_ok=True)

    def persist_file(
        self,
        path: Any,
        buf: BytesIO,
        info: Any,
        meta: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Write an image. It is the same as ``files.write_bytes``, but for folders that exist."""
        whole = Path(self.basedir, path)
        part = whole.with_name(f".{whole.name}.part")
        part.write_bytes(buf.getbuffer())
        part.replace(whole)


class Images(FilesPipeline):
    """Fetches the image of each address, and notes why one did not arrive."""

    STORE_SCHEMES = FilesPipeline.STORE_SCHEMES | {"": Store, "file": Store}

    def media_to_download(self, request: Request, info: Any, *, item: Any = None) -> None:
        """Let every image be fetched: the spider gives none that has arrived."""

    def get_media_requests(self, item: list[str], info: Any) -> list[Request]:
        """Return the requests of an item, which is a list of addresses."""
        made = []
        for address in item:
            try:
                made.append(requests.request(address, image=True, address=address))
            except Refused as refused:
                info.spider.failed(address, str(refused))
        return made

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """Return where the image belongs, whatever its address was redirected to."""
        return place(request.meta["address"])

    async def media_downloaded(
        self, response: Response, request: Request, info: Any, *, item: Any = None
    ) -> FileInfo:
        """Keep an image that arrived, unless it is none at first sight."""
        if response.status != 200:
            raise Refused(reasons.status(response.status))
        if not response.body:
            raise Refused("empty")
        if is_web_page(response.body):
            called = response.headers.get(b"Content-Type") or b"nothing"
            kind = printable(called.decode("latin-1").partition(";")[0].strip()[:50])
            raise Refused(f"a web page, not an image (called {kind})")
        kept = await super().media_downloaded(response, request, info, item=item)
        info.spider.done()
        return kept

    def file_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> str:
        """Write the image; nobody needs the checksum that Scrapy would compute."""
        self.store.persist_file(self.file_path(request), BytesIO(response.body), info)
        return ""

    def media_failed(self, failure: Failure, request: Request, info: Any) -> NoReturn:
        """Note the reason."""
        if isinstance(failure.value, Refused):
            info.spider.failed(request.meta["address"], str(failure.value))
        super().media_failed(failure, request, info)

    def item_completed(self, results: list[Any], item: list[str], info: Any) -> list[str]:
        """Forget the item: no address is asked for twice, so nobody needs the results that Scrapy keeps."""
        info.downloaded.clear()
        return item
