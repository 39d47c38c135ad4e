-- The number without zeros in front of it.
-- source
coalesce(cast(try_cast(bare(s0) as hugeint) as varchar), bare(s0))
-- target
t0
