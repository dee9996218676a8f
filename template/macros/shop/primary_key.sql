{#- For a seed's post-hook: makes the column that its meta names the primary key, which makes
    change capture fast. The table stays from one `dbt seed` to the next, with its key. -#}
{% macro primary_key() %}
{{ pgtrickle_primary_key(model.config.meta.primary_key) }}
{% endmacro %}
