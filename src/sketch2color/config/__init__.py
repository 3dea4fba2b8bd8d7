"""params.yaml and source.yaml as pydantic models, and one formatter for their errors."""
