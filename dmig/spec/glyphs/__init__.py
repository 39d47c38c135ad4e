"""Glyphs (外字): rows of the ledger, and the lists that a municipality has: MJ list, reduction map, its MJ+ list."""
