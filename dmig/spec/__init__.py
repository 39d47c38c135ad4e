"""Reading, linting and formatting of the declarative files: layouts, mappings, code tables."""
