"""The order of the stages, resume and publishing. Read `run.py` first."""
