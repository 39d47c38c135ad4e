-- A wording stands where a part of the date is unknown and nowhere else; the old system's own where it has one.
-- source
case when has_unknown_part(s0) then coalesce(letters({last source if two}), 'made') end
-- target
case when t0 is null then null when letters({last source if two}) is null then 'made' else letters(t0) end
