"""Download images from the web with Scrapy, in a process that ``web`` starts."""
