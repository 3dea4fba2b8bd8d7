"""The ingest stage: from a source of images to one manifest, a list of rejected files and a data card.

``fetch`` makes a source available and lists its files; ``read_images`` decodes and checks each,
``side_by_side`` splits those with both images of a pair, ``dedupe`` groups duplicates (``perceptual_hash``),
``split`` assigns groups to train, val and test, ``data_card`` shows the result.
"""
