"""Self-contained HTML pages: no external resources, light and dark, with or without a script."""
