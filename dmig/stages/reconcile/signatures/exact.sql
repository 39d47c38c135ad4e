-- The text as it stands, without outer blanks.
-- source
bare(s0)
-- target
t0
