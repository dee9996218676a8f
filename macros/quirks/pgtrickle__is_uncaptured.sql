{#- SQL condition: of a stream table s and its source d, the changes should be captured by triggers, and are by none. -#}
{% macro pgtrickle__is_uncaptured() -%}
  s.refresh_mode <> 'IMMEDIATE' and d.source_type = 'TABLE' and upper(to_jsonb(d) ->> 'cdc_mode') = 'TRIGGER'
  and exists (select from pg_class where oid = d.source_relid)
  and not exists (select from pg_trigger where tgrelid = d.source_relid and starts_with(tgname, 'pg_trickle_cdc_ins_'))
{%- endmacro %}
