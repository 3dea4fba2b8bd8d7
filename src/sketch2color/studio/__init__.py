"""The designer's page: its local server and the static site. The page's source is in ``studio/``."""
