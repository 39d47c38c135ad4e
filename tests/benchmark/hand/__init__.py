"""Parts of the hand-written script, by theme; it knows nothing of the framework that it is measured against."""
