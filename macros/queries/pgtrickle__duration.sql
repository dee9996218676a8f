{#- Seconds as people say them: 45 s, 12 min, 3 h, 5 days. -#}
{% macro pgtrickle__duration(seconds) -%}
case
  when {{ seconds }} < 120 then round(greatest({{ seconds }}::numeric, 0)) || ' s'
  when {{ seconds }} < 7200 then round({{ seconds }}::numeric / 60) || ' min'
  when {{ seconds }} < 172800 then round({{ seconds }}::numeric / 3600) || ' h'
  else round({{ seconds }}::numeric / 86400) || ' days'
end
{%- endmacro %}
