-- 1 where the year, month or day of a legal date is not known, otherwise 0.
-- source
case when bare(s0) is null then null when has_unknown_part(s0) then '1' else '0' end
-- target
t0
