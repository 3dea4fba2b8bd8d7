"""Errors that a user can cause and fix."""

from sketch2color.text import one_line


class UserError(Exception):
    """One line that says what is wrong, where, and what to do; shown without a traceback, exit code 1.

    Whatever the message quotes, it is printable and of bounded length.
    """

    def __str__(self) -> str:
        """Return the message."""
        return one_line(super().__str__())
