"""Pure functions on text columns: legacy types that normalise and converters that give standard items."""
