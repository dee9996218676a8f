{#- The query with comments gone, white space folded and words in lower case, strings and quoted names kept:
    two queries with equal normal forms mean the same. Cheap; pgtrickle__compare_queries is the exact test. -#}
{% macro pgtrickle__normalize_query(query) %}
  {% set parts, at = [], namespace(previous=0) %}
  {% for token in modules.re.finditer(pgtrickle__query_tokens(), query) %}
    {% do parts.append(query[at.previous:token.start()].lower().split() | join(' ')) %}
    {% if not token.group('comment') %}{% do parts.append(token.group()) %}{% endif %}
    {% set at.previous = token.end() %}
  {% endfor %}
  {% do parts.append(query[at.previous:].lower().split() | join(' ')) %}
  {% do return(parts | select | join(' ')) %}
{% endmacro %}

{#- Whether two queries have equal normal forms; those that are the same text, as in most runs, aren't brought into it. -#}
{% macro pgtrickle__same_text(one, other) %}
  {% do return(one == other or pgtrickle__normalize_query(one) == pgtrickle__normalize_query(other)) %}
{% endmacro %}
