{% macro pgtrickle_plan(compiled=none, full_refresh=false, as_json=false, modified=[], tries=true) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}{%- do return('') -%}{%- endif -%}
  {%- do context.pgtrickle__require_extension('pgtrickle_plan') -%}
  {%- set rows, seen, asked = [], {}, [] -%}
  {%- for unique_id, node in graph.nodes.items() if node.resource_type == 'model' and node.config.materialized == 'stream_table'
      and (compiled is none or unique_id in compiled) -%}
    {%- do asked.append(node) -%}
  {%- endfor -%}
  {#- so many at once that their states don't take much memory -#}
  {%- for some in asked | batch(100) -%}
    {%- set models = {} -%}
    {%- for node in some -%}{%- do models.update({node.unique_id: node}) -%}{%- endfor -%}
    {%- set states = context.pgtrickle__describe_all(models) -%}
    {%- for unique_id, node in models.items() -%}
      {%- set query = (compiled or {}).get(unique_id) or context.pgtrickle__render_model(node) -%}
      {%- do rows.append(context.pgtrickle__plan_row(node, query, states[unique_id], full_refresh, compiled, seen, tries)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- set order = ['refused', 'replace', 'rebind', 'alter_query', 'create', 'refresh', 'alter', 'unknown', 'unchanged'] -%}
  {%- set sorted, counts = [], [] -%}
  {%- for action in order -%}
    {%- set same = rows | selectattr('action', 'equalto', action) | list -%}
    {%- do sorted.extend(same) -%}
    {%- if same -%}{%- do counts.append(same | length ~ ' ' ~ action | replace('_', ' ')) -%}{%- endif -%}
  {%- endfor -%}
  {%- set orphans = context.pgtrickle__orphans_here() -%}
  {%- set ways = context.pgtrickle__ways(rows, compiled, modified) -%}
  {%- set summary = rows | length ~ ' stream tables: ' ~ (counts | join(', ') or 'none') -%}
  {%- if as_json -%}
    {%- do log('pgtrickle_plan ' ~ tojson({'summary': summary, 'results': sorted, 'ways': ways, 'orphans': orphans}), info=true) -%}
  {%- else -%}
    {%- for row in sorted -%}
      {%- do log(row.action | replace('_', ' ') | upper ~ ' ' ~ row.relation
          ~ (': ' ~ ('[' ~ row.refusal.code ~ '] ' if row.refusal else '') ~ row.why if row.why else '')
          ~ (' ' ~ row.refusal.remedy if row.refusal else '')
          ~ (' | on it: ' ~ row.dependents | join(', ') if row.dependents else '')
          ~ (' | fills about ' ~ row.rows ~ ' rows' if row.rows is not none else '')
          ~ (' in about ' ~ row.seconds ~ ' s' if row.seconds is not none else '')
          ~ (' | readers wait meanwhile' if row.blocks_readers else ''), info=true) -%}
    {%- endfor -%}
    {%- for orphan in orphans -%}
      {%- do log(context.pgtrickle__orphan_text(orphan) ~ ' | it goes with pgtrickle_prune', info=true) -%}
    {%- endfor -%}
    {%- do log(summary, info=true) -%}
  {%- endif -%}
  {%- do return(sorted) -%}
{% endmacro %}
