"""The report: tables, gallery, curves and their templates."""
