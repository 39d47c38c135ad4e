"""The invented municipality: legacy files of a population made from a seed, and the truth they must become.

The truth is rendered from the population's own typed facts, never through converters, code tables or mappings, so
that it can judge them. `city` says why no record can be a real person's.
"""

from dmig.synth.delivery import write_delivery

__all__ = ["write_delivery"]
