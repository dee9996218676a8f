{#- The materialization stream_table: where the model and its stream table are what the last run left, one look tells; else one read of the
    catalog decides.
    Follows dbt's own protocol: hooks outside and inside one transaction, `main` is the real DDL, grants, docs and indexes
    on every path. -#}
{% macro pgtrickle__stream_table() %}
  {%- set target_relation = pgtrickle__target_relation(this, model) -%}
  {%- set fingerprint = pgtrickle__model_fingerprint(model, sql) -%}
  {%- do pgtrickle__require_extension(model.name) -%}
  {%- set first_look = {} if should_full_refresh() else pgtrickle__first_look() -%}
  {%- set known = (first_look or {}).get(target_relation.schema ~ '.' ~ target_relation.identifier, {}) -%}
  {%- set said_before = first_look is none or known.get('model') == fingerprint -%}
  {%- if said_before and known.get('same') and not pre_hooks and not post_hooks and not config.get('grants')
      and pgtrickle__is_settled(model) -%}
    {%- do pgtrickle__record_outcome(target_relation, 'unchanged', 'UNCHANGED') -%}
    {{ return({'relations': [target_relation]}) }}
  {%- endif -%}
  {%- set settings = none if said_before else pgtrickle__settings(model) -%}
  {%- if not said_before -%}{%- do pgtrickle__refuse(model, pgtrickle__name_slip(target_relation)) -%}{%- endif -%}

  {{ pgtrickle__run_pre_hooks(pre_hooks) }}

  {%- if said_before and pgtrickle__is_unchanged(target_relation, fingerprint) -%}
    {%- set action = 'unchanged' -%}
    {%- do pgtrickle__record_outcome(target_relation, action, 'UNCHANGED') -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=True) -%}
  {%- else -%}
    {%- set action = pgtrickle__build(target_relation, settings or pgtrickle__settings(model), fingerprint) -%}
  {%- endif -%}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {%- if action != 'unchanged' -%}{%- do pgtrickle__wake_scheduler() -%}{%- endif -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{#- Makes the stream table, and all that belongs to it, what the model says. settings: from pgtrickle__settings. Gives the action of the
    plan. -#}
{% macro pgtrickle__build(target_relation, settings, fingerprint) %}
  {%- set query = pgtrickle__trim_query(sql) -%}
  {%- do pgtrickle__ensure_place(this, target_relation) -%}
  {%- set done = pgtrickle__apply(model, target_relation, query, settings, should_full_refresh()) -%}
  {%- do pgtrickle__record_outcome(target_relation, done.plan.action, pgtrickle__outcome(done.plan)) -%}
  {#- there what fails below doesn't take the stream table back #}
  {%- if pgtrickle__is_v2() -%}{%- do pgtrickle__remember(target_relation, done.record) -%}{%- endif -%}

  {%- do pgtrickle__sync_indexes(target_relation, done.state.indexes or []) -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=True) -%}
  {%- do pgtrickle__sync_docs(target_relation, model, done.state) -%}
  {%- if not pgtrickle__is_v2() -%}{%- do pgtrickle__remember_unchanged(target_relation, model, fingerprint, done.record) -%}{%- endif -%}
  {% do return(done.plan.action) %}
{% endmacro %}

{#- What dbt, and what reads the stream table in this run, is to know of `main`. -#}
{% macro pgtrickle__record_outcome(target_relation, action, message) %}
  {%- if action == 'unchanged' -%}
    {%- do pgtrickle__leave_alone(model) -%}
    {%- call noop_statement('main') -%}-- {{ target_relation }} is what the model says
    {%- endcall -%}
  {%- endif -%}
  {%- do store_raw_result('main', message=message, code=action | upper, rows_affected='-1') -%}
  {#- which shows no message of a model -#}
  {%- if action != 'unchanged' and pgtrickle__is_v2() -%}
    {%- do log(target_relation.schema ~ '.' ~ target_relation.identifier ~ ': ' ~ message, info=true) -%}
  {%- endif -%}
{% endmacro %}
