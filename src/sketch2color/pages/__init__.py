"""Pages that need nothing but themselves: no script, nothing loaded, in light and in dark.

``page`` renders them, ``frame.html`` is the look that they share.
"""
