-- What of an amount lies within `limit` yen, from the period `since` on; before it nothing. The last source is the period.
-- source
case when bare({last source}) >= {since} then cast(least(yen(s0), cast({limit} as hugeint)) as varchar) end
-- target
t0
