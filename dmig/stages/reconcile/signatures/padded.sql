-- The text filled up with zeros to the number of characters named by `width`.
-- source
case when length(bare(s0)) < cast({width} as integer) then lpad(bare(s0), cast({width} as integer), '0') else bare(s0) end
-- target
t0
