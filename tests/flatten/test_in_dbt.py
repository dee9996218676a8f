"""dbt renders the functions that the tasks do."""

from __future__ import annotations

from collections.abc import Callable

from tests.flatten.shop import QUERIES, STAGING, TABLES
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

OPERATION = """
{% macro flatten(query) %}
  {% do run_query(pgtrickle__flat_function()) %}
  {% set found = run_query('select pg_temp.dbt_pgtrickle_flat(' ~ pgtrickle__literal(query) ~ ')::text') %}
  {% do log('FLAT ' ~ fromjson(found.columns[0].values()[0]).reads | join(', '), info=true) %}
  {% set relations = "values ('shop', 'stg_orders')" %}
  {% do log('PRINT ' ~ run_query('select ' ~ pgtrickle__view_fingerprint(relations)).columns[0].values()[0], info=true) %}
{% endmacro %}
"""


def test_a_run_flattens_too(database: Database, dbt_project: Callable[..., DbtProject]) -> None:
    database.execute(TABLES + STAGING)
    project = dbt_project({"macros/flatten.sql": OPERATION})
    arguments = '{query: "' + QUERIES["two views of the same"] + '"}'
    log = project.dbt("run-operation", "flatten", "--args", arguments).log
    assert "FLAT raw.orders, raw.payments" in log
    assert "PRINT " in log
