-- Digits of a legal date: era year counted on to the Gregorian year, month and day as they stand.
-- source
wareki_digits(s0)
-- target
replace(t0, '-', '')
