"""sketch2color: industrial sketches become coloured concept art.

The package is laid out as rooms that images pass through: ``sources`` → ``cleaning`` → ``cyclegan`` and
``style`` → ``evaluation``; ``lineage`` keeps the record. ``docs/architecture.md`` draws the whole house.
"""
