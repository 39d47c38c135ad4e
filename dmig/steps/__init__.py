"""Steps over rows: a closed set, each with its count law."""
