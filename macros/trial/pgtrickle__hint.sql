{#- What of a query explains a verdict, and what to write instead; empty where nothing is known. An explanation, no verdict: only what a
    trial found wrong is looked up here (docs/trial.md). verdict: {outcome, error, change}.

    Of hints the likeliest first: {pattern: of the query in lower case, where comments, strings and quoted names are a space; seen: where it
    explains only some, a pattern of the outcome and what was seen, with a space between; part, instead}. -#}
{% macro pgtrickle__hint(query, verdict) -%}
  {%- set hints = [
    {'pattern': '\\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\\s*\\('
      ~ '|\\bcurrent_(date|time|timestamp)\\b|\\blocaltime(stamp)?\\b', 'part': 'the time of day',
      'instead': 'Put that condition into a view that reads the stream table'},
    {'pattern': '', 'seen': 'not found in the current search_path', 'part': 'a view that begins with WITH',
      'instead': 'Write its CTEs into the model, or the view as one plain SELECT'},
    {'pattern': '', 'seen': '__ins_count. is ambiguous', 'part': 'a column called count',
      'instead': 'Call it otherwise: count(*) as orders'},
    {'pattern': '', 'seen': 'matching the ON CONFLICT', 'part': 'a table without a primary key under one that another reads',
      'instead': "Give that table one, a dbt model or seed by post_hook: \"{{ pgtrickle_primary_key('id') }}\""},
    {'pattern': '', 'seen': 'type character\\(1\\)', 'part': 'a column of type char(n)', 'instead': 'Cast it to text or varchar'},
    {'pattern': '', 'seen': 'changes of .*, which .* reads: ', 'part': 'a function that reads a table', 'instead': 'Join that table'},
    {'pattern': '', 'seen': 'changes of .*, which inherits ', 'part': 'a table that others inherit',
      'instead': 'Write UNION ALL over ONLY each of them, or partition it'},
    {'pattern': '', 'seen': ' is truncated', 'part': 'an aggregate of all rows, which a TRUNCATE takes away',
      'instead': 'Group it, or DELETE instead and say on_unsafe: warn'},
    {'pattern': '\\bin\\s*\\(\\s*select\\b.*\\bin\\s*\\(\\s*select\\b', 'seen': '^slow', 'part': 'IN inside IN',
      'instead': 'Make the inner one a stream table of its own'},
    {'pattern': '\\bwith\\s+recursive\\b', 'part': 'WITH RECURSIVE', 'instead': 'Make it a plain table'},
    {'pattern': '\\bdistinct\\s+on\\b', 'part': 'DISTINCT ON',
      'instead': "Let its ORDER BY end in the table's primary key, so that no two rows stand together"},
    {'pattern': '\\brow_number\\s*\\(', 'part': 'row_number()',
      'instead': "Let its ORDER BY end in the table's primary key, so that no two rows stand together"},
    {'pattern': '\\bover\\s*[(\\w]', 'part': 'a window function', 'instead': 'Select every column that it orders and partitions by'},
    {'pattern': '\\bfilter\\s*\\(\\s*where\\b', 'part': 'FILTER', 'instead': 'Write count(case when … then 1 end)'},
    {'pattern': '\\bunion\\s+all\\b', 'part': 'UNION ALL', 'instead': 'Name the columns alike in every arm'},
    {'pattern': '\\bunion\\b', 'part': 'UNION', 'instead': 'Write SELECT DISTINCT … FROM (… UNION ALL …)'},
    {'pattern': '\\b(intersect|except)\\b', 'part': 'INTERSECT or EXCEPT', 'instead': 'Write EXISTS or NOT EXISTS'},
    {'pattern': '\\b(grouping\\s+sets|rollup|cube)\\b', 'part': 'grouping sets', 'instead': 'One model for each grouping'},
    {'pattern': '\\bis\\s+(not\\s+)?distinct\\s+from\\b', 'part': 'IS DISTINCT FROM', 'instead': 'Compare coalesce(…) on both sides'},
    {'pattern': '\\b(left|right|full)\\s+(outer\\s+)?join\\b', 'part': 'an outer join',
      'instead': 'Select the keys of both sides; make an aggregate that is joined a stream table of its own'},
    {'pattern': '(?<!\\bnot )\\bexists\\s*\\(', 'part': 'EXISTS', 'instead': 'Write IN (select …)'},
    {'pattern': '[=<>,(]\\s*\\(\\s*select\\b', 'part': 'a subquery in an expression',
      'instead': 'Write it as a LEFT JOIN of a grouped subquery'},
    {'pattern': '\\bsum\\s*\\(', 'part': 'sum() of values that are all NULL',
      'instead': 'Write case when count(x) > 0 then sum(coalesce(x, 0)) end'},
    {'pattern': '\\b(avg|stddev\\w*|var\\w*|corr|covar\\w*|regr\\w*)\\s*\\(', 'part': 'an average or a variance',
      'instead': 'Write sum(coalesce(x, 0)) / nullif(count(x), 0)'},
    {'pattern': '::\\s*(numeric|decimal|varchar|char|bpchar|character varying|timestamp|time)\\s*\\('
      ~ '|\\bas\\s+(numeric|decimal|varchar|char)\\s*\\(', 'part': 'a cast with a modifier',
      'instead': 'Write round() or left()'},
    {'pattern': '\\bwith\\b', 'part': 'a common table expression', 'instead': 'Make it a stream table of its own'},
    {'pattern': '\\bselect\\b', 'seen': '^wrong|duplicate key',
      'part': 'columns without the key of their table, or in another order than there',
      'instead': 'Select the key, and the columns in the order of their table'},
  ] -%}
  {%- set code = (modules.re.split(pgtrickle__query_tokens(), query.lower())[::3] | join(' ')).split() | join(' ') -%}
  {%- set seen = verdict.outcome ~ ' ' ~ ((verdict.get('error') or {}).get('message') or verdict.get('change') or '') -%}
  {%- set known = namespace(told='') -%}
  {%- for hint in hints if not known.told
      and modules.re.search(hint.pattern, code) and modules.re.search(hint.get('seen', ''), seen) -%}
    {%- set known.told = 'Known for it: ' ~ hint.part ~ '. ' ~ hint.instead -%}
  {%- endfor -%}
  {{- known.told -}}
{%- endmacro %}
