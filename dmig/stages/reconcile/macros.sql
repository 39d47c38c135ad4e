-- Words of the signatures beside `letters`. Each is deliberately simple and shares nothing with the converters.
create or replace temp macro bare(x) as nullif(trim(x, ' 　'), '');
create or replace temp macro digits(x) as nullif(regexp_replace(translate(x, '０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g'), '');
create or replace temp macro has_unknown_part(x) as coalesce(
    trim(x) in ('0000000', '9999999')
    or (regexp_full_match(trim(x), '[1-5][0-9]{6}')
        and (substr(trim(x), 2, 2) = '00' or substr(trim(x), 4, 2) = '00' or substr(trim(x), 6, 2) = '00')), false);
create or replace temp macro wareki_digits(x) as case
    when trim(x) in ('0000000', '9999999') then '00000000'
    when regexp_full_match(trim(x), '[1-5][0-9]{6}') then
        case when substr(trim(x), 2, 2) = '00' then '0000'
             else lpad(cast(case left(trim(x), 1) when '1' then 1867 when '2' then 1911 when '3' then 1925
                                 when '4' then 1988 else 2018 end + cast(substr(trim(x), 2, 2) as integer) as varchar), 4, '0')
        end || substr(trim(x), 4, 4)
    when trim(x) = '' then null
    else 'unreadable'
end;
create or replace temp macro yen(x) as try_cast(
    regexp_replace(translate(bare(x), '０１２３４５６７８９－−▲△＋，', '0123456789----+,'), '[,+]', '', 'g') as hugeint);
