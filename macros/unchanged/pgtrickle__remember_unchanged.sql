{#- At the end of a model that isn't as remembered: writes its record, and into it the two fingerprints, unless something was warned of,
    which the next run has to say again, or is to be tried again. Waits for no refresh: then the next run does it.
    relation: the stream table's; model: its node as a dict; fingerprint: from pgtrickle__model_fingerprint; record: from pgtrickle__apply.
    -#}
{% macro pgtrickle__remember_unchanged(relation, model, fingerprint, record) %}
  {% if model.name in graph.get('pgtrickle_warned', {}) %}{% do return(pgtrickle__remember(relation, record)) %}{% endif %}
  {% set block %}
  {% if record %}
  {{ pgtrickle__record_comment(relation, record) }};
  {% endif %}
declare
  former_timeout constant text := current_setting('lock_timeout');
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
  perform set_config('lock_timeout', former_timeout, true);
exception when lock_not_available or insufficient_privilege or null_value_not_allowed then null;
end;
  {% endset %}
  {% call statement('pgtrickle_remember_unchanged') %}{{ pgtrickle__pinned(block) }}{% endcall %}
{% endmacro %}
