"""Legacy sources: files and databases read as blocks of text items with row identity."""
