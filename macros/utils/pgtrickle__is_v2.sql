{#- Whether dbt is v2, the one written in Rust. What differs there, as run on 2.0.0a4, 2.0.0-beta.2 and 2.0.0rc196: every statement
    commits by itself, text is cut at each `;` that isn't quoted with ', and a part of dbt 1's Jinja is missing. -#}
{% macro pgtrickle__is_v2() %}
  {% do return(not dbt_version.startswith('1.')) %}
{% endmacro %}
