-- The number, however many zeros stand in front of it.
-- source
coalesce(cast(try_cast(bare(s0) as hugeint) as varchar), bare(s0))
-- target
coalesce(cast(try_cast(t0 as hugeint) as varchar), t0)
