"""Numbers as hosts store them: packed, zoned, binary, floating; decoders and encoders on byte matrices."""
