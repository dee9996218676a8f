{#- Has the numbers of stream tables begin after those that there are: a dump takes the entries along, but not their
    sequence, so that what is created in a restored database collides with them (23505). state: from pgtrickle__describe. -#}
{% macro pgtrickle__catch_up(state) %}
  {% if (state.behind or 0) > 0 %}
    {% call statement('pgtrickle_catch_up') %}
      {{ pgtrickle__pinned("perform count(nextval(numbers))
        from (
          select numbers, max(pgt_id) - coalesce(pg_sequence_last_value(numbers), 0) as behind
          from pgtrickle.pgt_stream_tables,
            (select pg_get_serial_sequence('pgtrickle.pgt_stream_tables', 'pgt_id')::regclass as numbers) as sequence
          group by numbers) as last, generate_series(1, behind);") }}
    {% endcall %}
  {% endif %}
{% endmacro %}
