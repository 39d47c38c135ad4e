-- The digits alone, of any width.
-- source
digits(s0)
-- target
t0
