{#- The action of pgtrickle__decide, by what is there and what the model says alone: nobody's rights, wishes or fears come into it.
    given: the spelling of the query that the extension is to have (pgtrickle__spellings), none where that isn't known yet.
    Gives the plan without its guards. -#}
{% macro pgtrickle__choose(model, query, settings, state, full_refresh, given=none) %}
  {% set plan = {'action': 'unchanged', 'reasons': [], 'changes': [], 'warnings': [], 'refusal': none, 'dependents': [], 'suspended': false,
    'said': pgtrickle__said(settings)} %}
  {% set stream_table = state.stream_table %}
  {% set unsupported = pgtrickle__unsupported(settings, state.functions) %}
  {% if unsupported %}
    {% do plan.warnings.append(pgtrickle__finding('PGT006', state.extension ~ " doesn't have " ~ unsupported | join(', ') ~ '; left out.',
        'Upgrade pg_trickle, or remove it from the model.')) %}
  {% endif %}
  {% if state.namesake and state.namesake.place == 'gone' %}
    {% do plan.reasons.append("the entry of that name points nowhere, as in a restored database") %}
  {% elif state.namesake %}
    {% do plan.warnings.append(pgtrickle__finding('PGT012',
        "pg_trickle's entry of that name belongs to the table now called " ~ state.namesake.now ~ ', which goes on under it.', '')) %}
  {% endif %}
  {% if settings.get('stored') and stream_table is none %}
    {# it went meanwhile, and no model asks for it #}
    {% do return(plan) %}
  {% elif state.relation is none or stream_table is none %}
    {% do plan.update({'action': 'create'}) %}
    {% if state.relation is not none %}
      {% set kind = pgtrickle__kind(state.relation.kind) %}
      {% do plan.reasons.append('takes the place of the ' ~ kind ~ ' of that name') %}
    {% endif %}
    {% do return(plan) %}
  {% elif state.place == 'restored' %}
    {% do plan.update({'action': 'replace', 'reasons': ["its entry doesn't point at it, as in a restored database"],
        'suspended': stream_table.status == 'SUSPENDED'}) %}
    {% do return(plan) %}
  {% elif full_refresh %}
    {% do plan.update({'action': 'replace', 'reasons': ['--full-refresh']}) %}
    {% do return(plan) %}
  {% endif %}

  {% set record = pgtrickle__record(state) %}
  {% set said = {} if settings.get('stored') else record.get('settings') or {} %}
  {% set changes = pgtrickle__changes(settings, stream_table, said) | rejectattr('key', 'in', unsupported) | list %}
  {% set impossible = changes | selectattr('change', 'equalto', 'none') | map(attribute='key') | list %}
  {% if impossible %}
    {% do plan.warnings.append(pgtrickle__finding('PGT007',
        impossible | join(', ') ~ " is no longer set on the model, and pg_trickle can't unset it in place.",
        'A run with --full-refresh does.')) %}
  {% endif %}
  {% set changes = changes | rejectattr('change', 'equalto', 'none') | list %}
  {% set ours = changes | rejectattr('by_server') | list %}
  {% set left = ours and pgtrickle__option(model, 'on_configuration_change') == 'continue' %}
  {% if left %}
    {% do plan.warnings.append(pgtrickle__finding('PGT030',
        'these settings changed and were left as they are, as on_configuration_change: continue asks: ' ~ pgtrickle__changes_text(ours)
          ~ '.', '')) %}
    {% set changes = changes | selectattr('by_server') | list %}
  {% endif %}
  {% if left or settings.get('stored') %}{% do plan.update({'said': record.get('settings') or {}}) %}{% endif %}
  {% do plan.update({'changes': changes}) %}

  {% set wants_pause = settings.wanted.status == 'PAUSED' %}
  {% set resumes = changes | selectattr('key', 'equalto', 'status') | selectattr('value', 'equalto', 'ACTIVE') | list | length > 0 %}
  {% if stream_table.status == 'SUSPENDED' and not resumes %}
    {% do plan.update({'suspended': true}) %}
    {% if not wants_pause %}
      {% do plan.warnings.append(pgtrickle__finding('PGT021',
          "it is SUSPENDED although the model doesn't say status: PAUSED; it isn't being refreshed."
          ~ (" Its last error: " ~ stream_table.last_error_message if stream_table.get('last_error_message')
            else ''),
          "To resume: select pgtrickle.resume_stream_table('" ~ stream_table.call_name ~ "'), or set status: ACTIVE on the model.")) %}
    {% endif %}
  {% endif %}

  {% set stored_query = stream_table.stored_query %}
  {# without a verdict the spelling that is there counts as long as it stands for this query #}
  {% set query = given or (stored_query if pgtrickle__same_text(record.get('query') or '', query) else query) %}
  {# where FULL could only be filled so, it goes on so #}
  {% set stored_whole = pgtrickle__is_whole(stored_query) %}
  {% set same_text = pgtrickle__same_text(stored_query, query)
      or (stored_whole and pgtrickle__same_text(stored_query, pgtrickle__whole(query))) %}
  {% set gone = (state.sources or []) | selectattr('name', 'none') | list %}
  {% set broken = [] %}
  {% if state.place == 'renamed' %}
    {% do broken.append('it was renamed: pg_trickle knows it as ' ~ stream_table.call_name) %}
  {% endif %}
  {% if gone %}{% do broken.append('a source it was bound to no longer exists') %}{% endif %}
  {% if stream_table.status == 'ERROR' and not gone %}
    {% do broken.append('it is in status ERROR' ~ (': ' ~ stream_table.last_error_message
        if stream_table.get('last_error_message') else '')) %}
  {% endif %}
  {% if state.uncaptured %}{% do broken.append(state.uncaptured) %}{% endif %}
  {% if state.get('partitions') != record.get('partitions') %}
    {% do broken.append('partitions of what it reads came, went or were truncated') %}
  {% endif %}
  {% set rekeyed = [] %}
  {% for table, key in (record.get('primary_keys') or {}).items()
      if key and key != (state.get('primary_keys') or {}).get(table, key) %}{% do rekeyed.append(table) %}{% endfor %}
  {# 0.67.0 has made its rows' ids of the old one, and notices nothing: what the new one lets in beside is lost #}
  {% if rekeyed %}{% do broken.append('the primary key changed of ' ~ rekeyed | join(', ')) %}{% endif %}
  {% if stream_table.get('needs_reinit') %}{% do broken.append('a source changed under it') %}{% endif %}

  {% set found = namespace(query_changed=false, columns=[], limited=stored_whole or stream_table.get('topk_limit') is not none,
      rekeyed=false) %}
  {% set strayed = state.strayed if same_text %}
  {% if broken or not same_text or state.unbound or strayed %}
    {% set comparison = pgtrickle__compare_queries(query, stored_query, stream_table.pgt_id) %}
    {% set refusal = pgtrickle__query_refusal(comparison, stream_table) %}
    {% if refusal %}
      {% do plan.update({'action': 'refused', 'refusal': refusal}) %}
      {% do return(plan) %}
    {% endif %}
    {% set found.query_changed = not same_text and not comparison.equal %}
    {# as little can hidden columns be named again (pgtrickle__alter_query) #}
    {% set found.limited = found.limited or comparison.limited or '__pgt_dbt_' in query or '__pgt_dbt_' in stored_query %}
    {% set found.rekeyed = comparison.keyless != pgtrickle__was_keyless(state, comparison.keyless) %}
    {% set found.columns = pgtrickle__column_changes(state.columns or [], comparison.columns or []) %}
    {% if not comparison.bound and not broken %}{% do broken.append('a source was replaced by another relation of its name') %}{% endif %}
    {% if strayed and not broken %}{% do broken.append('a table that it reads was renamed: ' ~ strayed) %}{% endif %}
  {% endif %}

  {% set rebuilding = changes | selectattr('change', 'equalto', 'replace') | list %}
  {% if found.columns %}
    {% set told = [] %}
    {% for change in found.columns if '__pgt_dbt_' not in change %}{% do told.append(change) %}{% endfor %}
    {% do plan.update({'action': 'replace', 'reasons': ['output columns changed: ' ~ told | join(', ') if told else 'query changed']}) %}
  {% elif rebuilding %}
    {% do plan.update({'action': 'replace', 'reasons': [pgtrickle__changes_text(rebuilding)]}) %}
  {% elif (found.query_changed or broken) and found.limited %}
    {# naming a TopK's query again fills it with every row, without a sign (observed on 0.67.0) #}
    {% do plan.update({'action': 'replace', 'reasons': (['query changed'] if found.query_changed else []) + broken}) %}
  {% elif rekeyed or ((found.query_changed or broken) and found.rekeyed) %}
    {# 0.67.0 keeps the row id's index as it was, unique or not, and every later refresh fails #}
    {% do plan.update({'action': 'replace', 'reasons': (['query changed'] if found.query_changed else []) + broken
        + (['a source gained or lost its primary key'] if not rekeyed else [])}) %}
  {% elif gone | selectattr('type', 'equalto', 'TABLE') | list and 'IMMEDIATE' in [stream_table.refresh_mode,
      settings.wanted.refresh_mode] %}
    {# 0.67.0 doesn't alter what has a trigger on a table that is gone (42601, 42P01) #}
    {% do plan.update({'action': 'replace', 'reasons': (['query changed'] if found.query_changed else []) + broken}) %}
  {% elif found.query_changed and 'query' not in state.functions.alter_stream_table.arguments %}
    {% do plan.update({'action': 'replace', 'reasons': ["query changed, and this pg_trickle can't change it in place"]}) %}
  {% elif found.query_changed %}
    {% do plan.update({'action': 'alter_query', 'reasons': ['query changed']}) %}
  {% elif broken and 'query' not in state.functions.alter_stream_table.arguments %}
    {% do plan.update({'action': 'replace', 'reasons': broken}) %}
  {% elif broken %}
    {% do plan.update({'action': 'rebind', 'reasons': broken}) %}
  {% elif not stream_table.is_populated and settings.wanted.initialize and not plan.suspended %}
    {% do plan.update({'action': 'refresh', 'reasons': ['it was never populated']}) %}
  {% elif changes %}
    {% do plan.update({'action': 'alter'}) %}
  {% endif %}
  {% do return(plan) %}
{% endmacro %}

{#- Whether the extension made a stream table as one over a table without a key: so its index of row ids isn't unique, whatever
    pgtrickle__unique_rows says since. unknown: what to give where this version doesn't tell. -#}
{% macro pgtrickle__was_keyless(state, unknown) %}
  {% set told = state.stream_table.get('has_keyless_source', unknown) %}
  {% for index in state.indexes or [] if index.columns == ['__pgt_row_id'] and not index.unique and state.relation.kind != 'p' %}
    {% do return(true) %}
  {% endfor %}
  {% do return(told) %}
{% endmacro %}
