{#- Every statement of the materialization for one version's functions, as the installed ones would be described. -#}
{% macro emit_calls(versions, configs) %}
  {% set query = "select 'it''s (1)' as a, $pgt0$ name => $pgt0$ as b from raw.orders" %}
  {% set relation = api.Relation.create(database=target.dbname, schema='analytics', identifier='totals', type='table') %}
  {% for version, functions in versions.items() %}
    {% set catalog, statements = {}, [] %}
    {% for name, arguments in functions.items() %}
      {% do catalog.update({name: {'arguments': arguments, 'may_execute': true, 'security_definer': false}}) %}
    {% endfor %}
    {% for label, config in configs.items() %}
      {% set settings = pgtrickle__settings({'name': 'totals', 'config': config}) %}
      {% set row = {'pgt_id': 1, 'pgt_schema': 'analytics', 'pgt_name': 'totals', 'defining_query': query, 'schedule': '1m',
                    'refresh_mode': 'DIFFERENTIAL', 'status': 'ACTIVE', 'is_populated': true, 'last_refresh_at': none} %}
      {% for key, spec in pgtrickle__setting_specs().items() if spec.column and spec.column not in row %}
        {% do row.update({spec.column: spec.default}) %}
      {% endfor %}
      {% set state = {'functions': catalog, 'stream_table': row, 'relation': {'oid': 1, 'kind': 'r'}} %}
      {% set reader = {'kind': 'stream table', 'schema': 'analytics', 'name': 'large', 'stream_table': row, 'trimmings': [], 'definition': none} %}
      {% set changes = pgtrickle__changes(settings, row) %}
      {% set in_place = ['alter_query', 'rebind'] if 'query' in catalog.alter_stream_table.arguments else [] %}
      {% for action in ['create', 'replace', 'refresh', 'alter'] + in_place %}
        {% set plan = {'action': action, 'changes': changes, 'suspended': false} %}
        {% set new = action == 'create' %}
        {% do statements.append({'config': label, 'action': action, 'sql': pgtrickle__main_sql(plan, relation, query, settings,
            {'functions': catalog, 'stream_table': none, 'relation': none} if new else state, [] if new else [reader], [])}) %}
      {% endfor %}
      {% do statements.append({'config': label, 'action': 'unsupported', 'keys': pgtrickle__unsupported(settings, catalog)}) %}
    {% endfor %}
    {% do log('EMIT ' ~ tojson({'version': version, 'statements': statements}), info=true) %}
  {% endfor %}
{% endmacro %}
