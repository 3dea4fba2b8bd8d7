"""Where pictures come from, and how they enter: one manifest, one list of the rejected.

``definition`` reads source.yaml; ``archive``, ``folder`` and ``download`` give the files it names;
``split`` shares them out to train, val and test; ``ingest`` is the stage.
"""
