{#- An SQL expression over `reads` (pgtrickle__reads): a text that changes when the meaning of a view among them does; null without a view.
    Reads what PostgreSQL stored of the views, but for the relations' OIDs, since pg_get_viewdef would wait for whoever replaces one.
    condition: SQL, on reads. -#}
{% macro pgtrickle__view_fingerprint(condition='true') -%}
(
  select md5(string_agg(stored, ',' order by stored))
  from (
    select distinct r.ev_class, regexp_replace(r.ev_action::text, ':(relid|resorigtbl) \d+', '', 'g') as stored
    from reads join pg_rewrite r on r.ev_class = reads.oid
    where reads.is_view and {{ condition }}
  ) as views
)
{%- endmacro %}
