{#- Makes the `indexes` of the model's config exist, once each, and drops those that dbt made earlier and the config no
    longer has. Others (the extension's, a DBA's) are left alone. dbt's own index names are an md5, so they are known.
    indexes: [{name, unique, type, columns}] as the catalog has them. -#}
{% macro pgtrickle__sync_indexes(relation, indexes) %}
  {% set wanted, have = [], [] %}
  {% for index in config.get('indexes', []) or [] %}
    {% do wanted.append({'dict': index, 'key': pgtrickle__index_key(index.columns, index.get('unique', false), index.get('type'))}) %}
  {% endfor %}
  {% set wanted_keys = wanted | map(attribute='key') | list %}
  {% for index in indexes %}
    {% set key = pgtrickle__index_key(index.columns, index.unique, index.type) %}
    {% do have.append(key) %}
    {% if modules.re.fullmatch('[0-9a-f]{32}', index.name) and key not in wanted_keys %}
      {% do run_query('drop index if exists ' ~ adapter.quote(relation.schema) ~ '.' ~ adapter.quote(index.name)) %}
    {% endif %}
  {% endfor %}
  {% for index in wanted if index.key not in have %}
    {% do run_query(get_create_index_sql(relation, index.dict)) %}
  {% endfor %}
{% endmacro %}
