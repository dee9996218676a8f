{#- How `invoke deploy` brings about what is planned: [{unique_id, kind: the materialization, schema, name, relation, way: in place, beside
    or blocked, why, bytes: on disk now, none where there is nothing yet, carry: whether grants come along, which a model
    with grants of its own says itself}] of what changes, or reads what does. Notes the way in the rows too.
    rows: from pgtrickle__plan_row; compiled: {unique_id: SQL} of the views to look at, none for all; modified: unique_ids that count as
    changed. -#}
{% macro pgtrickle__ways(rows, compiled, modified) %}
  {% set beside, in_place, refused = {}, {}, {} %}
  {% for unique_id in modified %}{% do beside.update({unique_id: 'it changed'}) %}{% endfor %}
  {% for row in rows %}
    {% if row.action in ['create', 'replace', 'alter_query'] or (row.action == 'rebind' and not row.remade) %}
      {% do beside.update({row.unique_id: row.why or 'it is new'}) %}
    {% elif row.action == 'unknown' and compiled is not none %}{% do beside.update({row.unique_id: row.why}) %}
    {% elif row.action in ['refused', 'unknown'] %}{% do refused.update({row.unique_id: row.why}) %}
    {% elif row.action in ['alter', 'refresh'] or (row.remade and row.changes) %}{% do in_place.update({row.unique_id: row.why}) %}
    {% endif %}
  {% endfor %}
  {% set missing = pgtrickle__missing_nodes() %}
  {% set looked_at = graph.nodes if compiled is none else compiled %}
  {% for unique_id, node in graph.nodes.items() if unique_id in looked_at and pgtrickle__is_bound_model(node, ['view']) %}
    {% set query = (compiled or {}).get(unique_id) or pgtrickle__render_model(node) %}
    {% if unique_id in missing %}{% do beside.update({unique_id: 'it is new'}) %}
    {% elif query is not none %}
      {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='view') %}
      {% if pgtrickle__view_difference(relation, pgtrickle__trim_query(pgtrickle__hide_own(node, query))) != 'none' %}
        {% do beside.update({unique_id: 'its query changed'}) %}
      {% endif %}
    {% endif %}
  {% endfor %}
  {% do pgtrickle__take_along(beside, missing) %}

  {% set ways = [] %}
  {% for unique_id, why in beside.items() %}{% do ways.append(pgtrickle__way(unique_id, 'beside', why)) %}{% endfor %}
  {% for unique_id, why in in_place.items() if unique_id not in beside %}
    {% do ways.append(pgtrickle__way(unique_id, 'in place', why)) %}
  {% endfor %}
  {% for unique_id, why in refused.items() if unique_id not in beside %}
    {% do ways.append(pgtrickle__way(unique_id, 'blocked', why)) %}
  {% endfor %}
  {% set names = [] %}
  {% for way in ways if way.way == 'beside' %}{% do names.append({'schema_name': way.schema, 'table_name': way.name}) %}{% endfor %}
  {% set by_relation, by_model = {}, {} %}
  {% for way in ways %}
    {% do by_relation.update({way.relation: way}) %}
    {% do by_model.update({way.unique_id: way}) %}
  {% endfor %}
  {% for known in pgtrickle__rows(pgtrickle__exchangeable(pgtrickle__literal(tojson(names)))) %}
    {% set way = by_relation[known.schema_name ~ '.' ~ known.table_name] %}
    {% do way.update({'bytes': known.bytes}) %}
    {% if known.readers %}
      {% do way.update({'why': way.why ~ '; bound to it again and filled anew afterwards: ' ~ known.readers | join(', ')}) %}
    {% endif %}
    {% if known.obstacles %}{% do way.update({'way': 'blocked', 'why': known.obstacles | join('; ')}) %}{% endif %}
  {% endfor %}
  {% for row in rows %}
    {% set its = by_model.get(row.unique_id, {'way': none, 'bytes': none}) %}
    {% do row.update({'way': its.way, 'bytes': its.bytes}) %}
  {% endfor %}
  {% do return(ways | sort(attribute='relation')) %}
{% endmacro %}

{#- Adds to what is built beside what has to be with it: what is bound to one of these, and what one of these reads that isn't there
    yet. -#}
{% macro pgtrickle__take_along(beside, missing) %}
  {% for _ in range(graph.nodes | length) %}
    {% set before = beside | length %}
    {% for unique_id, node in graph.nodes.items() if unique_id not in beside and pgtrickle__is_bound_model(node) %}
      {% for parent in pgtrickle__model_parents(node) if parent in beside and unique_id not in beside %}
        {% do beside.update({unique_id: 'it reads ' ~ graph.nodes[parent].name}) %}
      {% endfor %}
    {% endfor %}
    {% for unique_id in beside | list %}
      {% for parent in pgtrickle__model_parents(graph.nodes[unique_id]) if parent in missing and parent not in beside %}
        {% do beside.update({parent: 'it is new'}) %}
      {% endfor %}
    {% endfor %}
    {% if beside | length == before %}{% do return('') %}{% endif %}
  {% endfor %}
{% endmacro %}

{#- Whether a node is a model that PostgreSQL or pg_trickle binds to what it reads, whatever has its name later. kinds: the materializations
    to look for. Hooks and analyses are views to dbt. -#}
{% macro pgtrickle__is_bound_model(node, kinds=['stream_table', 'view', 'materialized_view']) %}
  {% do return(node.resource_type == 'model' and node.config.materialized in kinds) %}
{% endmacro %}

{#- The unique_ids of the nodes that a node reads; in the place of an ephemeral one, those that it reads itself. -#}
{% macro pgtrickle__model_parents(node) %}
  {% set parents = [] %}
  {% for unique_id in node.depends_on.get('nodes', []) if unique_id in graph.nodes %}
    {% if graph.nodes[unique_id].config.materialized == 'ephemeral' %}
      {% do parents.extend(pgtrickle__model_parents(graph.nodes[unique_id])) %}
    {% else %}{% do parents.append(unique_id) %}{% endif %}
  {% endfor %}
  {% do return(parents) %}
{% endmacro %}

{#- The unique_ids of models and seeds whose relation isn't there. -#}
{% macro pgtrickle__missing_nodes() %}
  {% set nodes = [] %}
  {% for unique_id, node in graph.nodes.items() if node.resource_type in ['model', 'seed'] %}
    {% if node.config.materialized != 'ephemeral' %}
      {% do nodes.append({'unique_id': unique_id, 'schema': node.schema, 'name': node.alias}) %}
    {% endif %}
  {% endfor %}
  {% set found = pgtrickle__rows("
    select unique_id
    from jsonb_to_recordset(" ~ pgtrickle__literal(tojson(nodes)) ~ "::jsonb) as node (unique_id text, schema text, name text)
    where not exists (
      select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = schema and c.relname = name)") %}
  {% do return(found | map(attribute='unique_id') | list) %}
{% endmacro %}

{#- One of pgtrickle__ways. -#}
{% macro pgtrickle__way(unique_id, way, why) %}
  {% set node = graph.nodes[unique_id] %}
  {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
  {% set relation = pgtrickle__target_relation(relation, node) if node.config.materialized == 'stream_table' else relation %}
  {% do return({'unique_id': unique_id, 'kind': node.config.materialized, 'schema': relation.schema, 'name': relation.identifier,
    'relation': relation.schema ~ '.' ~ relation.identifier, 'way': way, 'why': why, 'bytes': none,
    'carry': not node.config.get('grants')}) %}
{% endmacro %}
