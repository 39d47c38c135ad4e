"""The run folder: parts of frames, private files, the state file."""
