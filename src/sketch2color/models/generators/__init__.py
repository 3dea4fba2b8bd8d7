"""The generators: one file each, listed by name in ``registry``; ``base`` is their interface."""
