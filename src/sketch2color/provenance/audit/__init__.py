"""Whether the outputs, their runs and git agree: the command ``audit``; a check is one file."""
