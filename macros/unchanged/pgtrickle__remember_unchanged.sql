{#- At the end of a model that isn't as remembered: remembers the two fingerprints beside what pgtrickle__remember writes, unless
    something was warned of, which the next run has to say again, or is to be tried again. Waits for no refresh: then the next run does it.
    relation: the stream table's; model: its node as a dict; fingerprint: from pgtrickle__model_fingerprint. -#}
{% macro pgtrickle__remember_unchanged(relation, model, fingerprint) %}
  {% if pgtrickle__is_v2() or model.name in graph.get('pgtrickle_warned', {}) %}{% do return('') %}{% endif %}
  {% set block %}
begin
  perform set_config('lock_timeout', '100ms', true);
  execute (
    select format('comment on column %s.__pgt_row_id is %L', relid::regclass, record || jsonb_build_object(
      'unchanged', jsonb_build_object('model', {{ pgtrickle__literal(fingerprint) }}, 'state', state)))
    from (
{{ pgtrickle__state_fingerprint_of(relation) }}
    ) as fingerprint
    where coalesce(record -> 'trial' ->> 'outcome', '') not in ('unproved', 'untried')
  );
exception when lock_not_available or insufficient_privilege or null_value_not_allowed then null;
end;
  {% endset %}
  {% call statement('pgtrickle_remember_unchanged') %}{{ pgtrickle__pinned(block) }}{% endcall %}
{% endmacro %}
