"""params.yaml and source.yaml."""
