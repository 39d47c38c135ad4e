"""The ledger: which runs there were, with which result, and who looked at values. Never a value itself."""

from dmig.ledger.book import Book, RunEntry

__all__ = ["Book", "RunEntry"]
