{#- SQL condition: of a stream table s and its source d, the changes should be captured by triggers, and aren't, or may not have been: no
    trigger is there, one is disabled, or one isn't as pgtrickle__capture_always has them: that is what's left of them once all triggers of
    a table were disabled and enabled again, as pg_restore --disable-triggers does. Where this role may not have them so, that tells
    nothing. -#}
{% macro pgtrickle__is_uncaptured() -%}
  {{ pgtrickle__is_captured_by_triggers() }}
  and (
    not {{ pgtrickle__has_capture() }}
    or exists (
      select from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where starts_with(t.tgname, 'pg_trickle_cdc_') and t.tgenabled <> 'A'
        and (t.tgenabled <> 'O' or pg_has_role(c.relowner, 'usage'))
        and (t.tgrelid = d.source_relid or t.tgrelid in (select part.relid from pg_partition_tree(d.source_relid) as part))))
{%- endmacro %}

{#- SQL condition: of a stream table s and its source d, triggers are what captures the changes. -#}
{% macro pgtrickle__is_captured_by_triggers() -%}
  s.refresh_mode <> 'IMMEDIATE' and d.source_type = 'TABLE' and upper(to_jsonb(d) ->> 'cdc_mode') = 'TRIGGER'
  and exists (select from pg_class where oid = d.source_relid)
{%- endmacro %}

{#- SQL condition: the source d has capture triggers, whatever their state. -#}
{% macro pgtrickle__has_capture() -%}
  exists (select from pg_trigger where tgrelid = d.source_relid and starts_with(tgname, 'pg_trickle_cdc_ins_'))
{%- endmacro %}
