"""Download images from the web with Scrapy, in a process of its own.

``web`` starts the process and reads its results. ``spiders`` decide which URLs are requested, ``page_links``
finds URLs in a page, ``middlewares`` and ``connection`` customize Scrapy's components, ``settings`` assembles
them. ``store`` keeps images, ``http_cache`` other responses; ``errors`` names the reasons of failures.
"""
