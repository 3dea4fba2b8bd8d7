"""Errors that a user can cause and fix."""


class UserError(Exception):
    """One line that says what is wrong, where, and what to do; shown without a traceback, exit code 1."""
