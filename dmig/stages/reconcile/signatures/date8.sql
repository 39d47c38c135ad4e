-- The eight digits of a western date.
-- source
bare(s0)
-- target
replace(t0, '-', '')
