"""The stage `clean`: marks are removed, then every image is fitted into a square."""
