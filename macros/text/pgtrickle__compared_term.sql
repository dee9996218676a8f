{#- SQL that gives a column as a comparison selects it: what has no equality of its own as text, and numbers with a floating point to the
    digits that hold in whatever order they were added up, which is another one at each refresh and in each plan.
    name: SQL, its quoted name; type, element: the aliases of its row of pg_type, and of its element's or base type's. -#}
{% macro pgtrickle__compared_term(name, type, element) -%}
case
  when {{ element }}.typname in ('json', 'xml') or {{ element }}.typcategory = 'G'
    or {{ type }}.typcategory = 'A' and {{ element }}.typname in ('float4', 'float8') then {{ name }} || '::text as ' || {{ name }}
  -- by no format string: a placeholder of one is none of the tasks'
  when {{ element }}.typname in ('float4', 'float8') then concat(
    'case when ', {{ name }}, ' in (''NaN'', ''Infinity'', ''-Infinity'') then ', {{ name }}, ' else pg_catalog.to_char(', {{ name }},
    ', ', quote_literal(case {{ element }}.typname when 'float8' then '9.99999999999EEEE' else '9.999EEEE' end), ')::',
    {{ element }}.typname, ' end as ', {{ name }})
  else {{ name }}
end
{%- endmacro %}
