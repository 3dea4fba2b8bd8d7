from tests.evaluation.conftest import drawing, mocked, tiny_net, world

__all__ = ["drawing", "mocked", "tiny_net", "world"]
