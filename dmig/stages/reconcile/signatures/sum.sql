-- The sum of all amounts; a blank one adds nothing.
-- source
cast(list_sum(list_transform([{sources}], lambda x: yen(x))) as hugeint)::varchar
-- target
cast(list_sum(list_transform([{targets}], lambda x: yen(x))) as hugeint)::varchar
