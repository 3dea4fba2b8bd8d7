"""Where images come from, and how they enter: one manifest, one list of the rejected, one data card.

``definition`` reads source.yaml; ``arrivals`` opens what it names: ``archive``, ``folder``, ``kaggle`` and
``web``. ``intake`` decodes and checks each file, ``halves`` cuts those that hold a pair, ``images`` orders
what was found (``duplicates``), ``split`` shares it out to train, val and test, ``card`` shows it;
``ingest`` is the stage.
"""
