"""A project of marts over staging views, in dbt's own style, for the benchmarks."""

from __future__ import annotations

from pathlib import Path

from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database

SOURCE = """
create schema shop;
create table shop.stores (id int primary key, name text, region text);
create table shop.products (id int primary key, name text, category text, price numeric(10, 2));
create table shop.sales (
  id int primary key, store int, product int, sold_on date, state text, amount numeric(10, 2));
insert into shop.stores
  select i, 'store ' || i, 'region ' || i % 3 from generate_series(1, 20) i;
insert into shop.products
  select i, 'product ' || i, 'category ' || i % 5, i from generate_series(1, 50) i;
insert into shop.sales
  select i, i % 20, i % 50, date '2026-01-01' + i % 90, 'state ' || i % 4, i % 300
  from generate_series(1, 2000) i;
"""
COLUMNS = {
    "stores": "id as store_id, name as store_name, region",
    "products": "id as product_id, name as product_name, category, price",
    "sales": "id as sale_id, store as store_id, product as product_id, sold_on, state, amount",
}
STAGING = """
{{ config(materialized='view') }}
with source as (select * from {{ source('shop', '<name>') }}),
renamed as (select <columns> from source)
select * from renamed
"""
MARTS = (
    """
with sales as (select * from {{ ref('stg_sales') }}),
stores as (select * from {{ ref('stg_stores') }}),
products as (select * from {{ ref('stg_products') }})
select sales.sale_id, sales.sold_on, sales.amount + <n> as amount, stores.store_name, category
from sales
left join stores on stores.store_id = sales.store_id
left join products on products.product_id = sales.product_id
""",
    """
select store_id, sold_on, sum(amount) as revenue, count(*) as sales, max(amount) as most
from {{ ref('stg_sales') }} where amount > <n> group by 1, 2
""",
    """
select sale_id, state, amount from {{ ref('stg_sales') }} where state <> 'state <n>'
""",
    """
with totals as (
  select product_id, sum(amount) as revenue
  from {{ ref('stg_sales') }} where amount > <n> group by 1
)
select p.product_id, p.product_name, coalesce(t.revenue, 0) as revenue
from {{ ref('stg_products') }} p left join totals t on t.product_id = p.product_id
""",
)


def make(folder: Path, database: Database, models: int, trial: str) -> DbtProject:
    """Make the project with its source; nothing of it is built yet."""
    database.execute(SOURCE)
    # without a trial the extension refuses views with CTEs, which AUTO makes FULL; joins of views
    # by USING it can't make in FULL either
    config = f"materialized='stream_table', schedule='1d', refresh_mode='AUTO', trial='{trial}'"
    head = f"{{{{ config({config}) }}}}"
    tables = ", ".join(f"{{name: {name}}}" for name in COLUMNS)
    marts = {
        f"models/m{n}.sql": head + MARTS[n % len(MARTS)].replace("<n>", str(n))
        for n in range(models)
    }
    staging = {
        f"models/stg_{name}.sql": STAGING.replace("<name>", name).replace("<columns>", columns)
        for name, columns in COLUMNS.items()
    }
    declared = f"sources: [{{name: shop, tables: [{tables}]}}]"
    return make_project(folder, database, {**marts, **staging, "models/sources.yml": declared})
