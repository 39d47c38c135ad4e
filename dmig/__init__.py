"""dmig: data migration and validation for municipal registers."""

__version__ = "0.1.0"
