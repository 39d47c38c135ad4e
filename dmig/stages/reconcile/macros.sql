-- Words of the signatures. Each is deliberately simple and shares nothing with the converters.
create or replace temp macro bare(x) as nullif(trim(x, ' 　'), '');
create or replace temp macro digits(x) as nullif(regexp_replace(translate(x, '０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g'), '');
create or replace temp macro marked_kana(x) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    x, 'ｶﾞ', 'ガ'), 'ｷﾞ', 'ギ'), 'ｸﾞ', 'グ'), 'ｹﾞ', 'ゲ'), 'ｺﾞ', 'ゴ'), 'ｻﾞ', 'ザ'), 'ｼﾞ', 'ジ'), 'ｽﾞ', 'ズ'), 'ｾﾞ', 'ゼ'), 'ｿﾞ', 'ゾ'),
    'ﾀﾞ', 'ダ'), 'ﾁﾞ', 'ヂ'), 'ﾂﾞ', 'ヅ'), 'ﾃﾞ', 'デ'), 'ﾄﾞ', 'ド'), 'ﾊﾞ', 'バ'), 'ﾋﾞ', 'ビ'), 'ﾌﾞ', 'ブ'), 'ﾍﾞ', 'ベ'), 'ﾎﾞ', 'ボ'),
    'ﾊﾟ', 'パ'), 'ﾋﾟ', 'ピ'), 'ﾌﾟ', 'プ'), 'ﾍﾟ', 'ペ'), 'ﾎﾟ', 'ポ'), 'ｳﾞ', 'ヴ');
create or replace temp macro full_kana(x) as case when regexp_matches(x, '[｡-ﾟ]') then translate(marked_kana(x),
    '｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ',
    '。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜') else x end;
create or replace temp macro full_ascii(x) as translate(x,
    '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~',
    '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～');
create or replace temp macro letters(x) as nullif(regexp_replace(full_ascii(full_kana(x)), '[ 　\r\n]', '', 'g'), '');
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
