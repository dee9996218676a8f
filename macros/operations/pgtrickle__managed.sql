{#- The project's stream-table models as JSON, for the queries of the checks (tasklib/project/manifest.py's twin). -#}
{% macro pgtrickle__managed() %}
  {%- set models = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'stream_table' -%}
    {%- set meta = node.config.meta or {} -%}
    {%- set settings = {} -%}
    {%- for key in ['status', 'refresh_mode', 'warn_seconds', 'error_seconds'] -%}
      {%- set value = node.config.get(key) -%}
      {%- do settings.update({key: meta.get(key) if value is none else value}) -%}
    {%- endfor -%}
    {%- set relation = pgtrickle__target_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias),
        node) -%}
    {%- do models.append({
      'model': node.name,
      'unique_id': node.unique_id,
      'schema_name': relation.schema,
      'table_name': relation.identifier,
      'paused': (settings.status or '') | string | upper in ['PAUSED', 'SUSPENDED'],
      'refresh_mode': settings.refresh_mode,
      'warn_seconds': settings.warn_seconds,
      'error_seconds': settings.error_seconds
    }) -%}
  {%- endfor -%}
  {{- return(tojson(models)) -}}
{% endmacro %}
