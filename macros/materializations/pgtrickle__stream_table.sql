{#- The materialization stream_table: one read of the catalog decides; an unchanged stream table costs nothing more.
    Follows dbt's own protocol: hooks outside and inside one transaction, `main` is the real DDL, grants, docs and indexes
    on every path. -#}
{% macro pgtrickle__stream_table() %}
  {%- set target_relation = pgtrickle__target_relation(this, model) -%}
  {%- set settings = pgtrickle__settings(model) -%}
  {%- do pgtrickle__check_name(model.name, target_relation) -%}
  {%- set query = pgtrickle__trim_query(sql) -%}

  {{ pgtrickle__run_pre_hooks(pre_hooks) }}

  {%- do pgtrickle__require_extension(model.name) -%}
  {%- do pgtrickle__ensure_place(model, this, target_relation) -%}
  {#- before anything is done: dbt v2 can't take it back -#}
  {%- do pgtrickle__sync_contract(model, query) -%}
  {%- set done = pgtrickle__apply(model, target_relation, query, settings, should_full_refresh()) -%}
  {%- if done.plan.action == 'unchanged' -%}
    {%- call noop_statement('main') -%}-- {{ target_relation }} is what the model says
    {%- endcall -%}
  {%- endif -%}
  {%- do store_raw_result('main', message=pgtrickle__outcome(done.plan), code=done.plan.action | upper, rows_affected='-1') -%}

  {%- do pgtrickle__warn_unfilled(model, settings, done.state.stream_table) -%}
  {%- do pgtrickle__warn_keyless(model, done.state) -%}
  {%- do pgtrickle__sync_indexes(target_relation, done.state.indexes or []) -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=True) -%}
  {%- do pgtrickle__sync_docs(target_relation, model, done.state) -%}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {%- if done.plan.action != 'unchanged' -%}
    {%- do pgtrickle__wake_scheduler() -%}
    {#- which shows no message of a model -#}
    {%- if pgtrickle__is_v2() -%}{%- do log(target_relation.schema ~ '.' ~ target_relation.identifier ~ ': ' ~ pgtrickle__outcome(done.plan), info=true) -%}{%- endif -%}
  {%- endif -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
