{#- SQL condition: what a view gives hangs on the session's TimeZone, itself or through the views that it reads. Told from its parse tree: a
    function that isn't immutable takes or gives timestamptz (date_trunc, extract, to_char, casts to date and timestamp, + interval), or
    takes anything (to_json, concat), or timestamptz becomes text or comes of one. A zone as an argument settles it.
    view: SQL of type regclass. -#}
{% macro pgtrickle__hangs_on_zone(view) -%}
exists (
  with recursive tree (oid, text) as (
    select ev_class, ev_action::text from pg_catalog.pg_rewrite where ev_class = {{ view }}
    union
    select r.ev_class, r.ev_action::text
    from tree
    cross join lateral regexp_matches(tree.text, ':relid ([0-9]+)', 'g') as read
    join pg_catalog.pg_rewrite r on r.ev_class = read[1]::oid
  )
  select from tree
  where tree.text ~ ('COERCEVIAIO :arg \{(VAR( :\S+ \S+){2} :var|FUNCEXPR :funcid \S+ :funcresult|OPEXPR( :\S+ \S+){2} :opresult'
      || '|AGGREF :aggfnoid \S+ :agg|COALESCEEXPR :coalesce|CASEEXPR :case)type 1184 ')
    or tree.text ~ ':resulttype 1184 :resultcollid '
    or exists (
      select from regexp_matches(tree.text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([0-9]+) ', 'g') as called
      join pg_catalog.pg_proc p on p.oid = called[1]::oid
      where p.provolatile = 's' and p.pronargs > 0 and p.pronamespace = 'pg_catalog'::regnamespace
        and (1184 = any (p.proargtypes) or p.prorettype = 1184
          or tree.text ~ 'type 1184 ' and exists (
            select from unnest(p.proargtypes) as taken join pg_catalog.pg_type t on t.oid = taken where t.typtype = 'p'))
        and not (p.proname in ('date_trunc', 'date_add', 'date_subtract', 'generate_series')
          and p.pronargs > 2 and p.proargtypes[p.pronargs - 1] = 'text'::regtype)
    )
)
{%- endmacro %}
