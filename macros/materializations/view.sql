{#- dbt's view, but one that didn't change is left alone, so that its stream tables stay bound to it.
    Package users opt in with one line in a macro file of their own:
    {% raw %}{% materialization view, adapter='postgres' %}
      {{ return(dbt_pgtrickle.materialization_view_postgres()) }}
    {% endmaterialization %}{% endraw %} -#}
{% materialization view, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{ return(context.pgtrickle__view()) }}
{% endmaterialization %}
