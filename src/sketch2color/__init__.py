"""sketch2color: turn industrial designers' sketches into coloured concept art.

``docs/architecture.md`` describes the packages and how images pass through them.
"""
