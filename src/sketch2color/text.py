"""Text that is safe to show: printable, in one line, of bounded length, whatever a file or name holds."""

import re
import unicodedata
from typing import Any

MAX_MESSAGE = 1000
"""Characters of a message: half a screen of a terminal."""
MAX_REASON = 120
"""Characters of a reason in a table."""
MAX_QUOTED = 80
"""Characters of a value that a message quotes."""
_JOINERS = "\u200c\u200d"
"""Format characters that change no order and that Persian, Hindi and emoji are written with."""
_ADDRESS = re.compile(r" ?<[^<>]*\bat 0x[0-9a-fA-F]+>")


def printable(text: str) -> str:
    r"""Escape control and format characters, line ends and what is not valid UTF-8.

    >>> printable("a\udcff\n\x1b[31m\u202e.png")
    'a\\udcff\\n\\x1b[31m\\u202e.png'
    """
    return text if text.isprintable() else "".join(map(_escape, text))


def _escape(letter: str) -> str:
    shown = unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or letter in _JOINERS
    return letter if shown else letter.encode("unicode_escape").decode()


def one_line(text: str, limit: int = MAX_MESSAGE) -> str:
    r"""Return ``text`` printable and in one line; of more than ``limit`` characters the middle is left out.

    >>> one_line("not YAML:\n  line 3"), one_line("x" * 99 + ": rename it", 20)
    ('not YAML: line 3', 'xxxxxxxxx… rename it')
    """
    plain = printable(" ".join(line.strip() for line in text.splitlines()).strip())
    return plain if len(plain) <= limit else f"{plain[: (limit - 1) // 2]}…{plain[-(limit // 2) :]}"


def quote(value: Any) -> str:
    """Return ``repr(value)``, shortened to ``MAX_QUOTED`` characters.

    >>> quote("ten"), len(quote("ten" * 999))
    ("'ten'", 80)
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a chain of aliases
        text = f"<{type(value).__name__}>"
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"


def describe_error(error: BaseException) -> str:
    r"""Return an exception's message as one short line without memory addresses, the same in every run.

    >>> describe_error(OSError("cannot read\n<_io.BytesIO object at 0x7f00deadbeef> twice"))
    'cannot read twice'
    >>> describe_error(EOFError())
    'EOFError'
    """
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return one_line(_ADDRESS.sub("", message), MAX_REASON) or type(error).__name__


def describe_internal_error(error: BaseException) -> str:
    """Return the reason for a file or URL that failed because of a bug, with the exception's type.

    >>> describe_internal_error(IndexError("list index out of range"))
    'internal error: IndexError: list index out of range'
    """
    return f"internal error: {type(error).__name__}: {describe_error(error)}"
