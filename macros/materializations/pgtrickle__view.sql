{#- dbt's view, except that a view whose definition didn't change is left alone, and a changed one is replaced in place
    where PostgreSQL allows it: a stream table on a dropped view goes to ERROR, one on a replaced view is refilled, one on
    a view left alone keeps refreshing incrementally (observed on 0.67.0). -#}
{% macro pgtrickle__view() %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set cached_relation = load_cached_relation(this) -%}
  {%- if cached_relation is none or not cached_relation.is_view -%}
    {%- do pgtrickle__clear_stream_table(this, renames=true) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- if existing_relation is none or not existing_relation.is_view -%}{{ return(materialization_view_default()) }}{%- endif -%}
  {%- endif -%}
  {%- if config.get('contract').enforced -%}{%- do get_assert_columns_equivalent(sql) -%}{%- endif -%}

  {{ pgtrickle__run_pre_hooks(pre_hooks) }}

  {%- set query = pgtrickle__trim_query(pgtrickle__hide_own(model, sql)) -%}
  {%- set difference = pgtrickle__view_difference(target_relation, query) -%}
  {%- if difference == 'none' -%}
    {%- do pgtrickle__leave_alone(model) -%}
    {%- call noop_statement('main', message='UNCHANGED', code='UNCHANGED',
        rows_affected='-1') -%}-- {{ target_relation }} is what the model says
    {%- endcall -%}
  {%- else -%}
    {#- before the view's own lock: who reads the dependents of one view waits for whoever replaces another #}
    {%- do pgtrickle__lock() -%}
    {%- call statement('main') -%}
      {%- if difference == 'replaceable' -%}
        {{ config.get('sql_header') or '' }}
        {{ pgtrickle__replace_view(target_relation, query) }}
      {%- else -%}
        {{ pgtrickle__at_once('drop view if exists ' ~ target_relation ~ ' cascade;\n' ~ get_create_view_as_sql(target_relation, sql)) }}
      {%- endif -%}
    {%- endcall -%}
  {%- endif -%}

  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=True) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
