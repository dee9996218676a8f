{#- The query with comments gone, white space folded and words in lower case, strings and quoted names kept:
    two queries with equal normal forms mean the same. Cheap; pgtrickle__compare_queries is the exact test. -#}
{% macro pgtrickle__normalize_query(query) %}
  {% set parts = [] %}
  {% for part in modules.re.split(pgtrickle__query_tokens(), query) %}
    {% set kind = loop.index0 % 3 %}
    {% if kind == 0 %}{% do parts.append(part.lower().split() | join(' ')) %}
    {% elif kind == 1 and part[:2] not in ['--', '/*'] %}{% do parts.append(part) %}{% endif %}
  {% endfor %}
  {% do return(parts | select | join(' ')) %}
{% endmacro %}

{#- Whether two queries have equal normal forms; those that are the same text, as in most runs, aren't brought into it. -#}
{% macro pgtrickle__same_text(one, other) %}
  {% do return(one == other or pgtrickle__normalize_query(one) == pgtrickle__normalize_query(other)) %}
{% endmacro %}
