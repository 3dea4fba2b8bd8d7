"""Fetching from the web with Scrapy, in a process of its own: ``python -m sketch2color.ingest.fetch.crawl``.

``web`` starts it and reads what it leaves on the ``shelf``. ``settings`` is where the parts of Scrapy and
those of this package are put together; each part is a file: ``spiders`` say what is asked for, ``pages``
finds addresses in a page, ``gate`` and ``middlewares`` keep manners, ``handler`` makes the connection,
``pipeline`` keeps images and ``cache`` answers; ``reasons`` are the words for what went wrong.
"""
