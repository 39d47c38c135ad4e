"""Groups of persons too small to be told apart outside the protected folder (design section 7)."""

from __future__ import annotations

#: Fewer persons than this are not counted exactly, and how that is written.
LEAST = 10
SMALL = f"<{LEAST}"
