-- Digits of a legal date whose zeros mean that there is none.
-- source
case when bare(s0) = '0000000' then null else wareki_digits(s0) end
-- target
replace(t0, '-', '')
