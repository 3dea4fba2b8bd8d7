"""Errors that a user can cause and mend."""


class UserError(Exception):
    """What is wrong, where, and what to do, in one line; shown without a traceback, exit code 1."""
