-- The six digits of a time.
-- source
bare(s0)
-- target
replace(t0, ':', '')
