"""The ingest stage: from a source of images to one manifest, a list of rejected files and a data card."""
