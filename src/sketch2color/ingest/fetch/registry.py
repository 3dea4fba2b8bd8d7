"""The types of sources: which module fetches what a model of source.yaml describes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sketch2color.config.source import Archive, Folder, Gallery, Kaggle, SourceConfig, Urls
from sketch2color.ingest.fetch import archive, folder, kaggle, scrapy_process
from sketch2color.ingest.fetch.source_file import FetchedSource

FETCHERS: dict[type, Callable[[Any, Path], FetchedSource]] = {
    Archive: archive.fetch,
    Folder: folder.fetch,
    Gallery: scrapy_process.fetch,
    Kaggle: kaggle.fetch,
    Urls: scrapy_process.fetch,
}


def fetch(source: SourceConfig, downloads: Path) -> FetchedSource:
    """Download what ``source`` describes unless it exists in ``downloads``; raise a UserError on failure.

    Images of a URL list or gallery are downloaded while their files are iterated over.
    """
    return FETCHERS[type(source)](source, downloads)
