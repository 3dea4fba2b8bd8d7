"""Pages that need nothing but themselves: nothing is loaded, in light and in dark, with or without a script.

``page`` renders them, ``frame.html`` is the look that they share.
"""
