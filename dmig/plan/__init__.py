"""Layouts, mapping and converters compiled to a plan before any record is read."""
