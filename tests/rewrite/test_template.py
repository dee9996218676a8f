"""A model's file keeps what the user wrote into it, whatever its query becomes."""

from __future__ import annotations

import pytest

from tasklib.tasks.rewrite.template import NotMappedError, read_template, written_out
from tasklib.tasks.rewrite.tree import qualified, tables, tidied

FILE = """-- What customers bought.
{{ config(schedule='30s') }}

{% set least = 3 %}
with orders as (
    {# every one #}
    select * from {{ ref('stg_orders') }} -- all of them
)

select
    o.customer_id,
    count(*) as n -- how many
from orders as o
left join {{ source('raw', 'payments') }} as p
    on p.order_id = o.order_id and p.kind = '{{ var("kind") }}'
where o.weight > {{ least }}
group by 1
"""
COMPILED = """-- What customers bought.


with orders as (

    select * from "db"."analytics"."stg_orders" -- all of them
)

select
    o.customer_id,
    count(*) as n -- how many
from orders as o
left join "db"."raw"."payments" as p
    on p.order_id = o.order_id and p.kind = 'cash'
where o.weight > 3
group by 1
"""
COLUMNS = {
    ("analytics", "stg_orders"): ["order_id", "customer_id", "weight"],
    ("raw", "payments"): ["order_id", "kind"],
}


def test_relations_values_comments_and_config_come_back_as_they_were_written() -> None:
    template, tree = read_template(FILE, COMPILED)
    for table in tables(tree):
        table.set("catalog", None)
    written = template.header + template.body(tidied(qualified(tree, COLUMNS)))
    for kept in (
        "-- What customers bought.\n{{ config(schedule='30s') }}\n\n{% set least = 3 %}\n",
        "{# every one #}",
        "from {{ ref('stg_orders') }} -- all of them",
        "count(*) as n -- how many",
        "left join {{ source('raw', 'payments') }} as p",
        """p.kind = '{{ var("kind") }}'""",
        "o.weight > {{ least }}",
    ):
        assert kept in written, written
    assert written.count("What customers bought") == 1
    assert template.lost([tree], tree) == []


def test_keywords_keep_the_case_of_the_file() -> None:
    upper, tree = read_template("SELECT id FROM {{ ref('a') }}", "SELECT id FROM s.a")
    assert upper.body(tree).split() == ["SELECT", "id", "FROM", "{{", "ref('a')", "}}"]


@pytest.mark.parametrize(
    ("raw", "compiled", "reason"),
    [
        ("select {% for x in y %}{{ x }}{% endfor %} from t", "select a from t", "{% for"),
        ("select {{ star() }} from t", "select a, b from t", "{{ star() }}"),
        ("select {{ a }} {{ b }} {{ c }} from t", "select a from t", "no SQL"),
    ],
)
def test_jinja_that_makes_more_than_a_value_is_told(raw: str, compiled: str, reason: str) -> None:
    with pytest.raises(NotMappedError, match=r".*") as told:
        read_template(raw, compiled)
    assert reason in str(told.value)


def test_what_can_not_be_kept_is_written_out_but_for_the_relations() -> None:
    raw = "{{ config(tags=['x']) }}\n{% set names = ['a', 'b'] %}\nselect {% for n in names %}…"
    template = written_out(raw, "select a, b from s.t", {"ref('t')": ("s", "t")})
    _, tree = read_template("select a, b from s.t", "select a, b from s.t")
    assert template.header == "{{ config(tags=['x']) }}\n"
    assert "from {{ ref('t') }}" in template.body(tree)
