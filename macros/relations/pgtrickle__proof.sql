{#- PL/pgSQL that fails where the extension has taken a query it can't keep up incrementally: it plans the differential
    form, and an error of class 42 there is the one every later refresh would end with.
    Observed on 0.67.0: EXISTS and IN over two tables, window functions, nested aggregates are taken at creation and
    fail at the first refresh. Other errors (nothing to compare yet) say nothing and are let pass. -#}
{% macro pgtrickle__proof(name, functions) %}
  {% if 'explain_delta' in functions %}
    if exists (select from pgtrickle.pgt_stream_tables
               where pgt_schema || '.' || pgt_name = {{ pgtrickle__literal(name) }} and refresh_mode in ('DIFFERENTIAL', 'IMMEDIATE')) then
      begin
        perform count(*) from pgtrickle.explain_delta({{ pgtrickle__literal(name) }});
      exception when others then
        if (sqlstate like '42%' and sqlerrm not like 'relation "pgtrickle_changes.%') or sqlstate like '0A%' then raise; end if;
      end;
    end if;
  {% endif %}
{% endmacro %}
