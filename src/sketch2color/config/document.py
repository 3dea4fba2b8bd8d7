"""Load a YAML file that a person wrote: no duplicate keys, no aliases that expand without bound."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from sketch2color.errors import UserError
from sketch2color.text import describe_error, quote

MAX_CHARACTERS = 10_000_000
"""Bound on a file, also with its aliases expanded: a dozen nested anchors could otherwise fill the memory."""
MAX_DEPTH = 100
"""Levels of nesting: libyaml composes by recursion, and would overflow the stack."""
MAX_DIGITS = 4300
"""Of an integer, as Python has it: that of base 60 (``1:30``) takes a time with the square of its length."""


def load(path: Path) -> Any:
    """Return the content of a YAML file, as :func:`parse`; a FileNotFoundError if there is none."""
    if path.stat().st_size > MAX_CHARACTERS:
        raise ValueError(f"the file must have at most {MAX_CHARACTERS:,} bytes")
    return parse(path.read_bytes())


def parse(text: bytes | str) -> Any:
    """Return the content of a YAML document, which a JSON document is too.

    Raises:
        ValueError: it is not YAML, has a duplicate key, is nested too deeply or too large.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        _refuse_depth(text)
        loader = yaml.CSafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            return None
        _expanded_size(root, {})
        return loader.construct_document(root)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"not YAML: {error}") from None
    except ValueError:
        raise
    except (
        Exception
    ) as error:  # of Python, which PyYAML's constructor passes on for a text such as `!!int ""`
        reason = describe_error(error)
        raise ValueError(f"not YAML: a value does not fit the type that its tag names ({reason})") from None


@contextmanager
def user_errors(path: Path, missing: str) -> Iterator[None]:
    """Turn the errors of loading and validating ``path`` into a UserError of one line.

    Args:
        path: the file.
        missing: what to say where it does not exist.
    """
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: {missing}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")


def _expanded_size(node: yaml.Node, sizes: dict[yaml.Node, int | None]) -> int:
    """Return the characters of a composed node with its aliases expanded; refuse duplicate keys.

    ``sizes`` has those of the nodes that were visited before; None while a node is being visited.
    """
    if node not in sizes:
        sizes[node] = None
        sizes[node] = 1 + (
            _scalar_size(node)
            if isinstance(node, yaml.ScalarNode)
            else sum(_expanded_size(child, sizes) for child in _children(node))
        )
    size = sizes[node]
    if size is None or size > MAX_CHARACTERS:
        line = node.start_mark.line + 1
        raise ValueError(f"aliases must not expand to more than {MAX_CHARACTERS:,} characters, line {line}")
    return size


def _scalar_size(node: yaml.ScalarNode) -> int:
    size = len(node.value)
    if size > MAX_DIGITS and node.tag.endswith(":int"):
        line = node.start_mark.line + 1
        raise ValueError(f"an integer must have at most {MAX_DIGITS:,} digits, line {line}")
    return size


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    seen = set()
    for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
        if key.value in seen:
            raise ValueError(f"duplicate key {quote(key.value)}, again in line {key.start_mark.line + 1}")
        seen.add(key.value)
    return [child for pair in node.value for child in pair]
