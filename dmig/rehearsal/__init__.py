"""What a night of rehearsal says beside the night before: causes that are new, resolved or still there, and a page about it."""
