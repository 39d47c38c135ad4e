"""Source items rebuilt from what was written, by the inverse of the converter that made it, and compared."""

from dmig.stages.roundtrip.rebuild import Inverse, Outcome, RoundTrip, target_column

__all__ = ["Inverse", "Outcome", "RoundTrip", "target_column"]
