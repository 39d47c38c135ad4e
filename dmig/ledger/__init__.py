"""The ledger: which runs there were, who looked at values, who approved; a chain of hashes. Never a value itself."""

from dmig.ledger.book import Book, Pages, RunEntry
from dmig.ledger.chain import Entry

__all__ = ["Book", "Entry", "Pages", "RunEntry"]
