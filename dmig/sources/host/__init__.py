"""Host files: cut into records, records into cells, cells decoded column by column."""
