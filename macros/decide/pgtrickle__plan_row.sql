{#- One line of the plan: {unique_id, relation, action, why, asked: the refresh mode that the model asks for, mode: the one that it gets,
    trial: its outcome, remade: whether only a table model that each run makes anew has it filled, changes: [{key, from, to}], dependents, rows, seconds, blocks_readers, warnings, extension_says}. query: none where it couldn't be rendered;
    tries: whether also what is filled anew is tried, which whoever fills it does again. -#}
{% macro pgtrickle__plan_row(node, query, full_refresh, tries=true) %}
  {% set relation = pgtrickle__target_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias), node) %}
  {% set row = {'unique_id': node.unique_id, 'relation': relation.schema ~ '.' ~ relation.identifier, 'changes': [], 'dependents': [],
                'asked': none, 'mode': none, 'trial': none, 'rows': none, 'seconds': none, 'blocks_readers': false, 'remade': false, 'warnings': [], 'extension_says': none} %}
  {% if query is none %}
    {% do row.update({'action': 'unknown', 'why': 'it reads an ephemeral model, which only dbt compile can render: use `invoke plan`'}) %}
    {% do return(row) %}
  {% endif %}
  {% set state = pgtrickle__describe(relation, node) %}
  {% set query = pgtrickle__visible_query(node, pgtrickle__trim_query(query), state) %}
  {% set refresh_all = full_refresh if node.config.get('full_refresh') is none else node.config.full_refresh %}
  {% set settings = pgtrickle__settings(node) %}
  {% set verdict = pgtrickle__verdict(node, query, settings, state) %}
  {% do pgtrickle__catch_up(state) %}
  {% set noticed = [] %}
  {% set refusal = none if verdict else pgtrickle__check_query(query, relation, state, settings.wanted.refresh_mode, noticed) %}
  {% if not (verdict or refusal or tries) %}
    {% set decided = pgtrickle__decide(node, query, pgtrickle__in_effect(node, settings, none), state, refresh_all) %}
    {% if decided.action in ['create', 'replace', 'alter_query'] %}{% set verdict = {'outcome': none} %}{% endif %}
  {% endif %}
  {% set verdict = verdict or (pgtrickle__try(node, query, settings, state) if not refusal else {'outcome': none}) %}
  {% set message = pgtrickle__verdict_message(node, query, settings, verdict) %}
  {% set in_effect = pgtrickle__in_effect(node, settings, verdict) %}
  {% set plan = pgtrickle__decide(node, query, in_effect, state, refresh_all, pgtrickle__spelling(query, in_effect, verdict)) %}
  {% do row.update({'asked': in_effect.asked, 'mode': in_effect.wanted.refresh_mode, 'trial': verdict.outcome}) %}
  {% if refusal and plan.action != 'refused' %}
    {% do plan.update({'action': 'refused', 'refusal': refusal}) %}
  {% elif message and message.fails and plan.action != 'refused' %}
    {% do plan.update({'action': 'refused', 'refusal': [message.code, message.problem, message.remedy]}) %}
  {% elif message %}
    {% do plan.warnings.append([message.code, message.problem, message.remedy]) %}
  {% endif %}
  {% set tables = pgtrickle__table_parents(node) if plan.action in ['unchanged', 'alter'] else [] %}
  {% if tables %}
    {% do row.update({'remade': true}) %}
    {% do plan.update({'action': 'rebind', 'reasons': ['the table model ' ~ tables | join(', ') ~ ' is made anew on every run']}) %}
  {% endif %}
  {% set why = [plan.reasons | join('; '), pgtrickle__changes_text(plan.changes) if plan.action not in ['replace', 'create'] else ''] | select | join(', ') %}
  {% if plan.action == 'refused' %}
    {% set why = plan.refusal[1] ~ (' Its parents may have to be built first.' if node.depends_on.nodes | select('in', graph.nodes) | list else '') %}
  {% endif %}
  {% do row.update({'action': plan.action, 'why': why, 'changes': plan.changes}) %}
  {% for code, problem, remedy in plan.warnings + noticed %}
    {% do row.warnings.append('[' ~ code ~ '] ' ~ problem ~ ' ' ~ remedy) %}
  {% endfor %}
  {% if plan.action in ['replace', 'rebind', 'alter_query'] and state.stream_table %}
    {% do row.update({'blocks_readers': true}) %}
    {% for dependent in pgtrickle__dependents(state.relation.oid) %}
      {% do row.dependents.append(dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name ~ ('' if dependent.managed else ' (not dbt)')) %}
    {% endfor %}
    {% set size = pgtrickle__query_json('
      select json_build_object(
        \'rows\', case when c.reltuples >= 0 then c.reltuples::bigint end,
        \'ms\', coalesce((to_jsonb(s) ->> \'last_full_ms\')::numeric, (
          select extract(epoch from h.end_time - h.start_time) * 1000 from pgtrickle.pgt_refresh_history h
          where h.pgt_id = s.pgt_id and h.action = \'FULL\' and h.status = \'COMPLETED\' order by h.refresh_id desc limit 1)))::text
      from pgtrickle.pgt_stream_tables s join pg_class c on c.oid = ' ~ state.relation.oid ~ '
      where s.pgt_id = ' ~ state.stream_table.pgt_id) %}
    {% do row.update({'rows': size.rows, 'seconds': (size.ms | float / 1000) | round(3) if size.ms is not none else none}) %}
    {% if plan.action == 'alter_query' and state.functions.get('explain_alter', {}).get('may_execute') %}
      {% set name = state.stream_table.pgt_schema ~ '.' ~ state.stream_table.pgt_name %}
      {% do row.update({'extension_says': pgtrickle__query_json(
          "select case when set_config('search_path', " ~ pgtrickle__scheduler_path() ~ ', true) is not null then pgtrickle.explain_alter('
          ~ pgtrickle__literal(name) ~ ', ' ~ pgtrickle__dollar_quote(query) ~ ')::text end',
          before=pgtrickle__note())}) %}
    {% endif %}
  {% endif %}
  {% set guarded = plan.action == 'replace' and pgtrickle__option(node, 'on_replace') == 'fail' %}
  {% if guarded %}{% do row.update({'action': 'refused', 'why': why ~ '; on_replace: fail forbids it'}) %}{% endif %}
  {% do return(row) %}
{% endmacro %}
