"""One metric per file: the function and, beside it, what a reader has to know. ``registry`` finds them."""
