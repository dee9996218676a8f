{#- PL/pgSQL that puts a new relation in an old one's place: what stands on it goes first, comes back afterwards where
    it still can; what can't goes to the variable `lost`.
    name: its own, for the remedy; dependents: from pgtrickle__dependents; drop_old, create_new: PL/pgSQL texts;
    functions: from pgtrickle__describe. -#}
{% macro pgtrickle__replace_block(name, dependents, drop_old, create_new, functions) %}
  {% for dependent in dependents | reverse %}
    {% if dependent.stream_table %}
  {{ pgtrickle__drop_entry(dependent.stream_table.pgt_id) }}
    {% else %}
  drop {{ dependent.kind }} if exists {{ adapter.quote(dependent.schema) }}.{{ adapter.quote(dependent.name) }};
    {% endif %}
  {% endfor %}
  {{ drop_old }}
  {{ create_new }}
  {% for dependent in dependents %}
  begin
    {{ pgtrickle__restore_block(dependent, functions) }}
  exception when others then
    {% if pgtrickle__is_v2() and dependent.managed and dependent.managed not in selected_resources %}
    -- dbt v2 can't take this back by the time that pgtrickle__report_lost says so
    raise exception using hint = 'Select it too: dbt run --select {{ name }}+', message = '[PGT033] ' ||
      {{ pgtrickle__literal(dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name) }}
      || ' stands on it and fails on the new columns: ' || sqlerrm;
    {% endif %}
    lost := lost || jsonb_build_object('index', {{ loop.index0 }}, 'reason', sqlerrm);
  end;
  {% endfor %}
{% endmacro %}
