"""Frozen nouns: what a layout, a mapping, a plan, a report and a legal date are. No I/O."""
