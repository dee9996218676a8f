"""What each step makes of a query."""

from __future__ import annotations

from dataclasses import dataclass

from tasklib.tasks.rewrite.steps import Rewrite
from tasklib.tasks.rewrite.steps.aggregate_before_window import aggregate_before_window
from tasklib.tasks.rewrite.steps.any_array_as_in import any_array_as_in
from tasklib.tasks.rewrite.steps.arms_as_models import arms_as_models
from tasklib.tasks.rewrite.steps.exists_as_in import exists_as_in
from tasklib.tasks.rewrite.steps.filter_as_case import filter_as_case
from tasklib.tasks.rewrite.steps.full_join_as_union import full_join_as_union
from tasklib.tasks.rewrite.steps.grouping_sets_as_union import grouping_sets_as_union
from tasklib.tasks.rewrite.steps.guard_sum import guard_sum
from tasklib.tasks.rewrite.steps.inline_ctes import inline_ctes
from tasklib.tasks.rewrite.steps.joined_groups_as_arms import joined_groups_as_arms
from tasklib.tasks.rewrite.steps.joins_as_models import joins_as_models
from tasklib.tasks.rewrite.steps.lateral_as_join import lateral_as_join
from tasklib.tasks.rewrite.steps.left_join_as_filled_groups import left_join_as_filled_groups
from tasklib.tasks.rewrite.steps.left_join_as_union import left_join_as_union
from tasklib.tasks.rewrite.steps.list_as_union import list_as_union
from tasklib.tasks.rewrite.steps.merge_aggregate import merge_aggregate
from tasklib.tasks.rewrite.steps.merge_subqueries import merge_subqueries
from tasklib.tasks.rewrite.steps.name_union_arms import name_union_arms
from tasklib.tasks.rewrite.steps.newest_row_as_not_exists import newest_row_as_not_exists
from tasklib.tasks.rewrite.steps.null_safe_equality import null_safe_equality
from tasklib.tasks.rewrite.steps.outer_join_as_join import outer_join_as_join
from tasklib.tasks.rewrite.steps.round_before_cast import round_before_cast
from tasklib.tasks.rewrite.steps.rows_as_model import rows_as_model
from tasklib.tasks.rewrite.steps.scalar_subquery_as_join import scalar_subquery_as_join
from tasklib.tasks.rewrite.steps.set_operation_as_groups import set_operation_as_groups
from tasklib.tasks.rewrite.steps.subquery_as_model import subquery_as_model
from tasklib.tasks.rewrite.steps.union_as_distinct import union_as_distinct
from tasklib.tasks.rewrite.steps.values_as_case import values_as_case
from tasklib.tasks.rewrite.steps.wide_model import wide_model


@dataclass(frozen=True)
class Case:
    """A step, a query, and the first that it makes of it."""

    step: Rewrite
    query: str
    rewritten: str


CASES = [
    Case(
        filter_as_case,
        "select customer, sum(amount) filter (where kind = 'k1') as a,"
        " count(*) filter (where kind = 'k2') as b from shop.orders group by customer",
        "select customer, sum(case when kind = 'k1' then amount end) as a,"
        " count(case when kind = 'k2' then 1 end) as b from shop.orders group by customer",
    ),
    Case(
        guard_sum,
        "select customer, sum(amount) as total from shop.orders group by customer",
        "select customer, case when count(amount) > 0 then sum(coalesce(amount, 0)) end as total"
        " from shop.orders group by customer",
    ),
    Case(
        guard_sum,
        "select customer, coalesce(sum(amount), 0) as total from shop.orders group by customer",
        "select customer, sum(coalesce(amount, 0)) as total from shop.orders group by customer",
    ),
    Case(
        name_union_arms,
        "select id, customer as x from shop.orders union all select id, order_id from shop.lines",
        "select id, customer as x from shop.orders"
        " union all select id as id, order_id as x from shop.lines",
    ),
    Case(
        round_before_cast,
        "select id, amount::numeric(8, 1) as a, kind::varchar(1) as b from shop.orders",
        "select id, round(amount::numeric, 1)::numeric(8, 1) as a,"
        " left(kind::text, 1)::varchar(1) as b from shop.orders",
    ),
    Case(
        null_safe_equality,
        "select o.id, l.id as line from shop.orders o"
        " join shop.lines l on l.order_id is not distinct from o.customer",
        "select o.id, l.id as line from shop.orders o join shop.lines l"
        " on (l.order_id = o.customer or (l.order_id is null and o.customer is null))",
    ),
    Case(
        any_array_as_in,
        "select id from shop.orders where id = any(array(select order_id from shop.lines))",
        "select id from shop.orders where id in (select order_id from shop.lines)",
    ),
    Case(
        values_as_case,
        "select o.id, v.label from shop.orders o"
        " join (values (0, 'none'), (1, 'one')) as v(customer, label) on v.customer = o.customer",
        "select o.id, case o.customer when 0 then 'none' when 1 then 'one' end as label"
        " from shop.orders o where o.customer in (0, 1)",
    ),
    Case(
        inline_ctes,
        "with o as (select * from shop.orders), t as (select customer, count(*) as n from o"
        " group by customer) select o.id, t.n from o join t on t.customer = o.customer",
        "select o.id, t.n from (select id, customer, kind, amount, at from shop.orders) as o"
        " join (select customer, count(*) as n"
        " from (select id, customer, kind, amount, at from shop.orders) as o"
        " group by customer) as t on t.customer = o.customer",
    ),
    Case(
        merge_subqueries,
        "select b from (select id as b, kind from shop.orders where customer = 1) as x"
        " where kind = 'k1'",
        "select id as b from shop.orders where kind = 'k1' and customer = 1",
    ),
    Case(
        merge_aggregate,
        "select x.customer, x.n from (select customer, count(*) as n from shop.orders"
        " group by customer) as x where x.n > 4",
        "select customer, count(*) as n from shop.orders group by customer having count(*) > 4",
    ),
    Case(
        union_as_distinct,
        "select customer from shop.orders union select order_id from shop.lines",
        "select distinct united.customer from (select customer from shop.orders"
        " union all select order_id as customer from shop.lines) as united",
    ),
    Case(
        exists_as_in,
        "select id from shop.orders o"
        " where exists (select 1 from shop.lines l where l.order_id = o.id and l.quantity > 1)",
        "select o.id from shop.orders o"
        " where o.id in (select l.order_id from shop.lines l where l.quantity > 1)",
    ),
    Case(
        exists_as_in,
        "select id from shop.orders o"
        " where not exists (select 1 from shop.lines l where l.order_id = o.customer)",
        "select o.id from shop.orders o where (o.customer is null or not o.customer in"
        " (select l.order_id from shop.lines l where not l.order_id is null))",
    ),
    Case(
        scalar_subquery_as_join,
        "select o.id, (select count(*) from shop.lines l where l.order_id = o.id) as n"
        " from shop.orders o",
        "select o.id, coalesce(per_row.value, 0) as n from shop.orders o left join"
        " (select l.order_id, count(*) as value from shop.lines l group by l.order_id) as per_row"
        " on per_row.order_id = o.id",
    ),
    Case(
        scalar_subquery_as_join,
        "select id from shop.orders where amount > (select avg(amount) from shop.orders)",
        "select orders.id from shop.orders left join"
        " (select avg(orders.amount) as value from shop.orders) as per_row on true"
        " where orders.amount > per_row.value",
    ),
    Case(
        newest_row_as_not_exists,
        "select distinct on (kind) kind, id, at from shop.orders order by kind, at desc, id",
        "select kind, id, at from shop.orders where not exists ("
        "select 1 from shop.orders as earlier where earlier.kind = orders.kind and"
        " (earlier.at > orders.at or (earlier.at = orders.at and earlier.id < orders.id)))",
    ),
    Case(
        newest_row_as_not_exists,
        "select id, kind from (select id, kind, row_number() over"
        " (partition by kind order by amount, id) as rn from shop.orders) as x where rn = 1",
        "select id, kind from shop.orders where not exists ("
        "select 1 from shop.orders as earlier where earlier.kind = orders.kind and"
        " ((earlier.amount < orders.amount"
        " or (not earlier.amount is null and orders.amount is null))"
        " or ((earlier.amount = orders.amount"
        " or (earlier.amount is null and orders.amount is null)) and earlier.id < orders.id)))",
    ),
    Case(
        full_join_as_union,
        "select o.id, l.id as line from shop.orders o full join shop.lines l on l.order_id = o.id",
        "select o.id, l.id as line from shop.orders o left join shop.lines l on l.order_id = o.id"
        " union all select o.id, l.id as line from shop.lines l"
        " left join shop.orders o on l.order_id = o.id where o.id is null",
    ),
    Case(
        joined_groups_as_arms,
        "select o.id, o.kind, coalesce(l.n, 0) as n, l.q, l.most, x.total from shop.orders o"
        " left join (select order_id, count(*) as n, sum(quantity) as q, count(quantity) as most"
        " from shop.lines where quantity > 0 group by order_id) l on l.order_id = o.id"
        " left join (select p.customer, max(p.at) as total from shop.orders p"
        " join shop.lines k on k.order_id = p.id group by p.customer) x on x.customer = o.id"
        " where o.kind <> 'k1'",
        "select id, kind, count(found_l) as n, sum(quantity) as q,"
        " case when count(found_l) > 0 then count(quantity) end as most, max(at) as total from ("
        "select o.id as id, o.kind as kind, cast(null as int) as found_l,"
        " cast(null as int) as quantity, cast(null as date) as at"
        " from shop.orders o where o.kind <> 'k1' union all"
        " select o.id as id, o.kind as kind, 1 as found_l, lines.quantity as quantity,"
        " cast(null as date) as at from shop.lines join shop.orders o on lines.order_id = o.id"
        " where o.kind <> 'k1' and lines.quantity > 0 union all"
        " select o.id as id, o.kind as kind, cast(null as int) as found_l,"
        " cast(null as int) as quantity, p.at as at from shop.orders p"
        " join shop.lines k on k.order_id = p.id join shop.orders o on p.customer = o.id"
        " where o.kind <> 'k1') as joined group by id, kind",
    ),
    Case(
        left_join_as_filled_groups,
        "select o.id, l.n, l.most, coalesce(l.total, 0) as total from shop.orders o left join"
        " (select order_id, count(*) as n, max(quantity) as most, sum(quantity * 2) as total"
        " from shop.lines where quantity > 1 group by order_id) l on l.order_id = o.id",
        "select o.id, l.n, l.most, coalesce(l.total, 0) as total from shop.orders o join"
        " (select order_id, case when count(found) > 0 then count(found) end as n,"
        " max(value_1) as most, sum(value_2) as total from ("
        "select lines.order_id, lines.quantity as value_1, lines.quantity * 2 as value_2, 1 as found"
        " from shop.lines where lines.quantity > 1"
        " union all select o.id as order_id, cast(null as int) as value_1,"
        " case when false then cast(null as int) * 2 end as value_2, cast(null as int) as found"
        " from shop.orders as o) as filled group by order_id) as l on l.order_id = o.id",
    ),
    Case(
        left_join_as_union,
        "select o.id, l.quantity from shop.orders o left join shop.lines l on l.order_id = o.id",
        "select o.id, l.quantity from shop.orders o join shop.lines l on l.order_id = o.id"
        " union all select o.id, null::integer as quantity from shop.orders o"
        " where not exists (select 1 from shop.lines l where l.order_id = o.id)",
    ),
    Case(
        list_as_union,
        "select id, n from shop.orders cross join generate_series(1, 2) as n",
        "select id, 1 as n from shop.orders union all select id, 2 as n from shop.orders",
    ),
    Case(
        grouping_sets_as_union,
        "select customer, kind, count(*) as n from shop.orders group by rollup (customer, kind)",
        "select customer, kind, count(*) as n from shop.orders group by customer, kind"
        " union all select customer, null::text as kind, count(*) as n from shop.orders"
        " group by customer union all select null::integer as customer, null::text as kind,"
        " count(*) as n from shop.orders",
    ),
    Case(
        set_operation_as_groups,
        "select customer from shop.orders except select order_id from shop.lines",
        "select sides.customer from (select united.customer, count(united.in_first) as in_first,"
        " count(united.in_last) as in_last from (select customer, 1 as in_first, null::int as"
        " in_last from shop.orders union all select order_id as customer, null::int as in_first,"
        " 1 as in_last from shop.lines) as united group by united.customer) as sides"
        " where sides.in_first > 0 and sides.in_last = 0 group by sides.customer",
    ),
    Case(
        aggregate_before_window,
        "select kind, sum(id) as total, rank() over (order by sum(id) desc) as place"
        " from shop.orders group by kind",
        "select grouped.kind, grouped.total, rank() over (order by grouped.total desc) as place"
        " from (select kind, sum(id) as total from shop.orders group by kind) as grouped",
    ),
    Case(
        subquery_as_model,
        "select o.id, t.n from shop.orders o join"
        " (select order_id, count(*) as n from shop.lines group by order_id) as t"
        " on t.order_id = o.id",
        "with t as (select order_id, count(*) as n from shop.lines group by order_id)"
        " select o.id, t.n from shop.orders o join t on t.order_id = o.id",
    ),
    Case(
        joins_as_models,
        "select o.id, o.kind, l.quantity, p.id as other from shop.orders o"
        " left join shop.lines l on l.order_id = o.id"
        " left join shop.orders p on p.id = l.id and p.kind = o.kind where o.customer = 1",
        "with joined as (select o.id, o.kind, l.quantity, l.id as l_id from shop.orders o"
        " left join shop.lines l on l.order_id = o.id where o.customer = 1)"
        " select joined.id, joined.kind, joined.quantity, p.id as other from joined"
        " left join shop.orders p on p.id = joined.l_id and p.kind = joined.kind",
    ),
    Case(
        joins_as_models,
        "select o.id, l.quantity, p.kind from shop.orders o, shop.lines l, shop.orders p"
        " where l.order_id = o.id and p.id = l.id and p.kind = o.kind",
        "with joined as (select o.id, l.quantity, l.id as l_id, o.kind from shop.orders o,"
        " shop.lines l where l.order_id = o.id)"
        " select joined.id, joined.quantity, p.kind from joined, shop.orders p"
        " where p.id = joined.l_id and p.kind = joined.kind",
    ),
    Case(
        rows_as_model,
        "select o.kind, count(*) as n from shop.orders o join shop.lines l on l.order_id = o.id"
        " group by o.kind",
        "with joined as (select o.kind, o.id, l.id as l_id from shop.orders o"
        " join shop.lines l on l.order_id = o.id)"
        " select joined.kind, count(*) as n from joined group by joined.kind",
    ),
    Case(
        wide_model,
        "select customer, row_number() over (partition by customer order by amount, id) as place"
        " from shop.orders",
        "with wide as (select id, customer, amount, row_number() over"
        " (partition by customer order by amount, id) as place from shop.orders)"
        " select wide.customer, wide.place from wide",
    ),
    Case(
        outer_join_as_join,
        "select o.id, x.total from shop.orders o left join (select p.customer, sum(l.quantity) as"
        " total from shop.lines l left join shop.orders p on p.id = l.order_id group by p.customer)"
        " as x on x.customer = o.id",
        "select o.id, x.total from shop.orders o left join (select p.customer, sum(l.quantity) as"
        " total from shop.lines l join shop.orders p on p.id = l.order_id group by p.customer)"
        " as x on x.customer = o.id",
    ),
    Case(
        outer_join_as_join,
        "select l.id, o.kind from shop.lines l left join shop.orders o on o.id = l.order_id"
        " where o.kind <> 'k1' and l.quantity > 0",
        "select l.id, o.kind from shop.lines l join shop.orders o on o.id = l.order_id"
        " where o.kind <> 'k1' and l.quantity > 0",
    ),
    Case(
        arms_as_models,
        "select customer, count(quantity) as n from (select o.customer, l.quantity from shop.lines l"
        " join shop.orders o on o.id = l.order_id union all select id, null from shop.orders) as x"
        " group by customer",
        "with joined as (select o.customer, l.quantity, l.id, o.id as o_id from shop.lines l"
        " join shop.orders o on o.id = l.order_id) select customer, count(quantity) as n from ("
        "select customer, quantity from joined union all select id, null from shop.orders) as x"
        " group by customer",
    ),
    Case(
        lateral_as_join,
        "select o.id, x.quantity from shop.orders o cross join lateral"
        " (select l.quantity from shop.lines l where l.order_id = o.id and l.quantity > 1) as x",
        "select o.id, x.quantity from shop.orders o join (select l.quantity, l.order_id as key_2"
        " from shop.lines l where l.quantity > 1) as x on x.key_2 = o.id",
    ),
    Case(
        lateral_as_join,
        "select o.id, x.order_id from shop.orders o left join lateral"
        " (select l.order_id from shop.lines l where l.order_id = o.id) as x on true",
        "select o.id, x.order_id from shop.orders o left join (select l.order_id"
        " from shop.lines l) as x on x.order_id = o.id",
    ),
    Case(
        joins_as_models,
        "select o.id, l.quantity from shop.orders o, shop.orders p, shop.lines l"
        " where l.order_id = o.id and l.quantity = p.id",
        "with joined as (select o.id, l.quantity, l.id as l_id from shop.orders o, shop.lines l"
        " where l.order_id = o.id) select joined.id, joined.quantity from joined, shop.orders p"
        " where joined.quantity = p.id",
    ),
]
