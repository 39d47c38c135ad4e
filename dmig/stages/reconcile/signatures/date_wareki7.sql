-- Digits of a legal date: era year counted on to the Gregorian year, month and day as they stand.
-- source
case
    when trim(s0) in ('0000000', '9999999') then '00000000'
    when regexp_full_match(trim(s0), '[1-5][0-9]{6}') then
        case when substr(trim(s0), 2, 2) = '00' then '0000'
             else lpad(cast(case left(trim(s0), 1) when '1' then 1867 when '2' then 1911 when '3' then 1925
                                 when '4' then 1988 else 2018 end + cast(substr(trim(s0), 2, 2) as integer) as varchar), 4, '0')
        end || substr(trim(s0), 4, 4)
    when trim(s0) = '' then null
    else 'unreadable'
end
-- target
replace(t, '-', '')
