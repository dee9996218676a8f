{#- How a query differs from a view's definition: none (PostgreSQL's canonical forms are equal), replaceable (CREATE OR
    REPLACE VIEW takes it: the old columns come first, names and types the same), or other. -#}
{% macro pgtrickle__view_difference(relation, query) %}
  {% set body %}
declare
  difference text := 'other';
begin
  begin
    {{ pgtrickle__view_as('__dbt_pgtrickle_new', query, pgtrickle__session_path()) }}
    if pg_get_viewdef('pg_temp.__dbt_pgtrickle_new'::regclass) =
      pg_get_viewdef({{ pgtrickle__literal(relation.include(database=false) | string) }}::regclass) then
      difference := 'none';
    elsif not exists (
      select from pg_attribute old
      left join pg_attribute new on new.attrelid = 'pg_temp.__dbt_pgtrickle_new'::regclass and new.attnum = old.attnum
        and new.attname = old.attname and new.atttypid = old.atttypid and new.atttypmod = old.atttypmod
        and new.attcollation = old.attcollation
      where old.attrelid = {{ pgtrickle__literal(relation.include(database=false) | string) }}::regclass
        and old.attnum > 0 and new.attnum is null
    ) then
      difference := 'replaceable';
    end if;
    raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
  exception
    when sqlstate 'PGT00' then null;
    when query_canceled or admin_shutdown then raise;
    when others then null;
  end;
  {{ pgtrickle__answer('to_json(difference)') }}
end
  {% endset %}
  {% do return(pgtrickle__told_by('do ' ~ pgtrickle__dollar_quote(body))) %}
{% endmacro %}
