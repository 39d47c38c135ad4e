-- The letters of the first filled source.
-- source
letters(glyphs(coalesce({bare sources})))
-- target
letters(concat({targets}))
