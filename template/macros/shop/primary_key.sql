{#- For a seed's post-hook: makes the column that its meta names the primary key, which makes
    change capture fast. The table stays from one `dbt seed` to the next, with its key. -#}
{% macro primary_key() %}
do $do$
begin
    if not exists (
        select from pg_catalog.pg_constraint
        where conrelid = '{{ this }}'::regclass and contype = 'p'
    ) then
        alter table {{ this }} add primary key ({{ model.config.meta.primary_key }});
    end if;
end
$do$
{% endmacro %}
