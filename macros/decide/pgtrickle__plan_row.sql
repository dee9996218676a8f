{#- One line of the plan: {unique_id, relation, action, why, asked: the refresh mode that the model asks for, mode: the one that it gets,
    trial: its outcome, remade: whether it is filled anew only because of what it reads, changes: [{key, from, to}], dependents, rows,
    seconds, blocks_readers, warnings: [{code, problem, remedy}], refusal: one of them or none, extension_says}.
    query: none where it couldn't be rendered; state: from pgtrickle__describe; compiled, seen: as in pgtrickle__ahead; tries: whether also
    what is filled anew is tried, which whoever fills it does again. -#}
{% macro pgtrickle__plan_row(node, query, state, full_refresh, compiled=none, seen={}, tries=true) %}
  {% set relation = pgtrickle__target_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias),
      node) %}
  {% set row = {'unique_id': node.unique_id, 'relation': relation.schema ~ '.' ~ relation.identifier, 'changes': [], 'dependents': [],
                'asked': none, 'mode': none, 'trial': none, 'rows': none, 'seconds': none, 'blocks_readers': false, 'remade': false,
                  'warnings': [], 'refusal': none, 'extension_says': none} %}
  {% if query is none %}
    {% do row.update({'action': 'unknown', 'why': 'it reads an ephemeral model, which only dbt compile can render: use `invoke plan`'}) %}
    {% do return(row) %}
  {% endif %}
  {% set slips = [] %}
  {% set settings = pgtrickle__settings(node, slips) %}
  {% do slips.append(pgtrickle__name_slip(relation)) %}
  {% set slip = slips | select | first | default(none) %}
  {% if slip %}
    {% do row.update({'action': 'refused', 'why': slip.problem, 'refusal': slip}) %}
    {% do return(row) %}
  {% endif %}
  {% set unbuilt = [] %}
  {% for parent in state.missing or [] if pgtrickle__model_of(parent.schema, parent.name)
      and (compiled is none or pgtrickle__model_of(parent.schema, parent.name) in compiled) %}
    {% do unbuilt.append(parent.schema ~ '.' ~ parent.name) %}
  {% endfor %}
  {% if unbuilt %}
    {% do row.update({'action': 'unknown', 'why': 'what it reads is not built yet: ' ~ unbuilt | join(', ')}) %}
    {% do return(row) %}
  {% endif %}
  {% set query = pgtrickle__visible_query(node, pgtrickle__trim_query(query), state) %}
  {% set refresh_all = full_refresh if node.config.get('full_refresh') is none else node.config.full_refresh %}
  {% set verdict = pgtrickle__verdict(node, query, settings, state) %}
  {% set ahead = pgtrickle__ahead(node, compiled, seen) %}
  {% set plan = pgtrickle__decide(node, relation, query, settings, state, refresh_all, verdict, ahead=ahead) %}
  {% if not verdict and not plan.refusal and (tries or plan.action not in ['create', 'replace', 'alter_query']) %}
    {% do pgtrickle__catch_up(state) %}
    {% set verdict = pgtrickle__try(node, query, settings, state) %}
    {% set plan = pgtrickle__decide(node, relation, query, settings, state, refresh_all, verdict, plan.noticed, ahead) %}
  {% endif %}
  {% set why = [plan.reasons | join('; '), pgtrickle__changes_text(plan.changes) if plan.action not in ['replace', 'create']
      else ''] | select | join(', ') %}
  {% do row.update({'remade': plan.action == 'rebind' and plan.reasons == ahead}) %}
  {% do row.update({'action': plan.action, 'why': plan.refusal.problem if plan.refusal else why, 'changes': plan.changes,
      'refusal': plan.refusal,
      'warnings': plan.warnings, 'asked': settings.wanted.refresh_mode, 'mode': plan.settings.wanted.refresh_mode,
        'trial': (verdict or {}).get('outcome')}) %}
  {% if plan.action in ['replace', 'rebind', 'alter_query'] and state.stream_table %}
    {% do row.update({'blocks_readers': true}) %}
    {% for dependent in plan.dependents %}
      {% do row.dependents.append(dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name ~ ('' if dependent.managed
          else ' (not dbt)')) %}
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
      {% do row.update({'extension_says': pgtrickle__query_json(
          "select case when set_config('search_path', " ~ pgtrickle__scheduler_path() ~ ', true) is not null then pgtrickle.explain_alter('
          ~ pgtrickle__literal(state.stream_table.call_name) ~ ', ' ~ pgtrickle__dollar_quote(query) ~ ')::text end',
          before=pgtrickle__note())}) %}
    {% endif %}
  {% endif %}
  {% do return(row) %}
{% endmacro %}
