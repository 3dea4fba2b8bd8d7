from tests.ingest.conftest import define

__all__ = ["define"]
