{#- The statement that does what pgtrickle__decide decided: one DO block, so that it all holds or nothing does.
    plan: from pgtrickle__decide; relation, query, settings, state: as there; dependents: from pgtrickle__dependents;
    trimmings: statements that say owner, grants, comments and indexes of the old one again. Its answer is {lost, fallback}, of a new one
    also {entry: its catalog row, partitions: from pgtrickle__partitions, gone: whether a source of it is}; {taken: true} where it did
    nothing (pgtrickle__is_taken). -#}
{% macro pgtrickle__main_sql(plan, relation, query, settings, state, dependents, trimmings) %}
  {% set stream_table = state.stream_table %}
  {% set functions = state.functions %}
  {% set name = relation.schema ~ '.' ~ relation.identifier %}
  {% set quoted = pgtrickle__literal(relation.include(database=false) | string) %}
  {% set alters = pgtrickle__alter_calls(name, plan.changes, functions) %}
  {% set body %}
declare
  lost jsonb := '[]';
  fallback text;
begin
  perform {{ pgtrickle__lock_call() }};
  {% set is_new = pgtrickle__is_new(plan, state) %}
  {% if is_new %}
  if {{ pgtrickle__is_taken(relation, state) }} then
    {{ pgtrickle__answer("jsonb_build_object('taken', true)") }}
  else
  {% endif %}
  {% set touched = ([stream_table] + dependents | map(attribute='stream_table') | list) | select | list %}
  {{ pgtrickle__hold(touched) }}
  {% if state.namesake and state.namesake.place == 'gone' %}
  {{ pgtrickle__drop_entry(state.namesake.pgt_id) }}
  {% endif %}
  {% if state.misplaced or dependents | selectattr('place', 'equalto', 'renamed') | list %}
  {{ pgtrickle__call_as_they_are((touched + ([state.namesake] if state.namesake else [])) | map(attribute='pgt_id') | list) }}
  {% endif %}
  {% set immediate = touched | selectattr('refresh_mode', 'equalto', 'IMMEDIATE') | list %}
  {% if immediate %}
  {{ pgtrickle__forget_dropped_tables('array' ~ (immediate | map(attribute='pgt_id') | list) ~ '::bigint[]') }};
  {% endif %}
  {% if plan.action in ['create', 'replace'] %}
    {# with its grants, which those need who read it #}
    {% set create_new %}
  {{ pgtrickle__create_block(name, query, settings, functions, plan.suspended) }}
      {% for statement in trimmings %}
  begin
    {{ statement }};
  exception when undefined_column or undefined_object then null;
  end;
      {% endfor %}
    {% endset %}
    {% set drop_old %}
      {% if stream_table %}
  {{ pgtrickle__drop_entry(stream_table.pgt_id) }}
      {% elif state.relation %}
  drop {{ pgtrickle__kind(state.relation.kind) }} if exists {{ relation.include(database=false) }} cascade;
      {% endif %}
    {% endset %}
    {{ pgtrickle__replace_block(relation.identifier, dependents, drop_old, create_new, functions) }}
  {% else %}
    {% for call in alters %}
  perform {{ call }};
    {% endfor %}
    {% if plan.action in ['alter_query', 'rebind'] %}
    {{ pgtrickle__forget_unique_rows(quoted) }}
    {{ pgtrickle__alter_query_block(name, query, settings, state, dependents, trimmings,
        plan.suspended or settings.wanted.status == 'PAUSED', stream_table.last_refresh_at) }}
    {% elif plan.action == 'refresh' %}
  perform {{ pgtrickle__call('refresh_stream_table', functions.refresh_stream_table, {'name': name}) }};
    {% endif %}
  {% endif %}
  {{ pgtrickle__unique_rows(quoted) }}
  {{ pgtrickle__equal_rows(quoted) }}
  {% if 'repair_stream_table' in functions and 'source_stable_name' in functions %}
  {{ pgtrickle__capture_apart() }}
  {% endif %}
  {% if pgtrickle__is_v2() and plan.action != 'rebind' %}
  -- dbt v2 can't take this back by the time that pgtrickle__verify_outcome says so
  if not exists (
    select from pgtrickle.pgt_stream_tables s
    where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }}
      and s.status in ('ACTIVE', 'SUSPENDED', {{ "'INITIALIZING'" if not settings.wanted.initialize else 'null' }})
      and not {{ pgtrickle__has_lost_source('s.pgt_id') }}
  ) then
    raise exception '[PGT050] it is not ACTIVE, or is bound to a source that no longer exists; nothing was changed';
  end if;
  {% endif %}
  {% if is_new %}
  {{ pgtrickle__answer("
    select jsonb_build_object('lost', lost, 'fallback', fallback, 'entry', " ~ pgtrickle__entry_row('s') ~ ",
      'partitions', " ~ pgtrickle__partitions('s.pgt_id') ~ ", 'gone', " ~ pgtrickle__has_lost_source('s.pgt_id') ~ ")
    from pgtrickle.pgt_stream_tables s where s.pgt_relid = to_regclass(" ~ quoted ~ ")") }}
  end if;
  {% else %}
  {{ pgtrickle__answer("jsonb_build_object('lost', lost, 'fallback', fallback)") }}
  {% endif %}
end;
  {% endset %}
  {% do return(pgtrickle__do_as_scheduler(body)) %}
{% endmacro %}

{#- Whether a plan makes a stream table in nothing's place, so that there is nothing to describe again under the lock. -#}
{% macro pgtrickle__is_new(plan, state) %}
  {% do return(plan.action == 'create' and not state.relation and not state.namesake) %}
{% endmacro %}

{#- SQL condition: what was to be new isn't any more, or a view that it reads means something else than when it was described. -#}
{% macro pgtrickle__is_taken(relation, state) -%}
  to_regclass({{ pgtrickle__literal(relation.include(database=false) | string) }}) is not null
  or exists (
    select from pgtrickle.pgt_stream_tables
    where pgt_schema = {{ pgtrickle__literal(relation.schema) }} and pgt_name = {{ pgtrickle__literal(relation.identifier) }})
  {% if state.views %}
  or {{ pgtrickle__view_fingerprint(pgtrickle__parent_rows(state.parents)) }} is distinct from {{ pgtrickle__literal(state.views) }}
  {% endif %}
{%- endmacro %}
