-- The letters of all sources one behind the other, glyphs as decided, without spaces and differences of width.
-- source
letters(glyphs(concat({sources})))
-- target
letters(concat({targets}))
