-- The letters of the first filled source where the last source is the code named by `where`; nothing elsewhere.
-- source
case when bare({last source}) = {where} then letters(glyphs(coalesce({bare but last}))) end
-- target
letters(concat({targets}))
