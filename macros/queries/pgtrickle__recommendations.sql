{#- The extension's own opinion on modes, where it differs from what is and is worth telling. -#}
{% macro pgtrickle__recommendations() -%}
select
  pgt_schema || '.' || pgt_name as call_name, recommended_mode, confidence, reason
from pgtrickle.recommend_refresh_mode()
where upper(recommended_mode) <> upper(current_mode) and upper(recommended_mode) in ('FULL', 'DIFFERENTIAL')
  and lower(confidence::text) not in ('low', '0')
{%- endmacro %}
