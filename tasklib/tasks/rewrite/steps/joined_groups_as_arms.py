"""LEFT JOINs of groups, as groups of one UNION ALL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts, set_where, where
from tasklib.tasks.rewrite.steps.grouped_value import grouped_value, null_of
from tasklib.tasks.rewrite.steps.key import key_of
from tasklib.tasks.rewrite.steps.shape import as_source, grouped_by, is_aggregated, only, united
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part, sources


def joined_groups_as_arms(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`a left join (… group by k) g on g.k = a.id left join …` as groups of `a union all a join …`.

    An arm has the rows of a, each further one those under groups, joined with a; in an arm the
    values of the others are NULL. Grouped by a's columns, its key among them, that is a row for
    each of a's. Where the key doesn't hold, or a joined row comes twice, the proof finds it.
    """
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in reversed(list(changed.find_all(exp.Select))):
        grouped = _grouped(select, schema)
        if grouped is not None:
            set_part(grouped, "with", part(select, "with"))
            select.replace(grouped)
            found = True
    if found:
        yield changed.this


@dataclass(frozen=True)
class _Groups:
    """The groups of a LEFT JOIN: their SELECT, and by which of its columns they are joined."""

    select: Tree
    keys: dict[str, Tree]


@dataclass
class _Arms:
    """The arms of the UNION ALL: that of the rows themselves, then those of each join's groups."""

    selects: list[Tree]
    carried: dict[tuple[int, str], str] = field(default_factory=dict)

    def add(self, values: dict[int, Tree], missing: Tree, name: str) -> str:
        """Give all arms a column: some have a value, the others NULL of its type."""
        taken = {item.alias for item in self.selects[0].expressions}
        name = next(
            one for one in (name, *(f"{name}_{i}" for i in range(2, 99))) if one not in taken
        )
        for place, select in enumerate(self.selects):
            value: Tree = values.get(place, missing)
            select.append("expressions", exp.alias_(value.copy(), name))
        return name

    def carry(self, place: int, value: Tree, missing: Tree) -> str:
        """The column that has a value in one arm; a new one if none has it."""
        name = value.name if isinstance(value, exp.Column) else "value"
        return self._once(place, value.sql(), value, missing, name)

    def found(self, place: int, alias: str) -> str:
        """The column that is 1 in the rows of one arm."""
        one, nothing = exp.Literal.number(1), exp.cast(exp.Null(), "int")
        return self._once(place, "", one, nothing, f"found_{alias}")

    def _once(self, place: int, spelt: str, value: Tree, missing: Tree, name: str) -> str:
        if (place, spelt) not in self.carried:
            self.carried[place, spelt] = self.add({place: value}, missing, name)
        return self.carried[place, spelt]


def _grouped(select: Tree, schema: Schema) -> Tree:
    """The SELECT over one UNION ALL; None where it isn't one of joined groups."""
    joins = {join.this.alias_or_name: _groups(join) for join in select.args.get("joins") or ()}
    joined = {alias: groups for alias, groups in joins.items() if groups}
    if not joined or not only(select, "joins", "where", "with") or is_aggregated(select):
        return None
    base = sources(select)[0]
    key = key_of(base, schema)
    read = [column for item in select.expressions for column in item.find_all(exp.Column)]
    if not key or not _hangs_on_columns_only(select, joined):
        return None
    arms = _Arms([exp.select(), *(exp.select() for _ in joined)])
    names: dict[tuple[str, str], str] = {}
    keys = [exp.column(name, base.alias_or_name) for name in key]
    for column in [*keys, *(column for column in read if column.table not in joined)]:
        place = (column.table, column.name)
        if place not in names:
            every = dict.fromkeys(range(len(arms.selects)), column)
            names[place] = arms.add(every, column, column.name)
    wanted = {(one.table, one.name) for one in read} - names.keys()
    values = _values(arms, joined, wanted, schema)
    if values.keys() != wanted:
        return None
    alone = _without(select, joined)
    if any(_names(groups.select) & _names(alone) for groups in joined.values()):
        return None
    selects = [alone, *(_joined(alone, groups) for groups in joined.values())]
    for arm, given in zip(selects, arms.selects, strict=True):
        arm.set("expressions", given.expressions)
    items = [
        exp.alias_(_over(item.unalias(), names, values), name)
        for item, name in zip(select.expressions, select.named_selects, strict=True)
    ]
    by = [exp.column(name) for name in names.values()]
    return exp.select(*items).from_(as_source(united(selects), "joined")).group_by(*by)


def _groups(join: Tree) -> _Groups | None:
    """The groups of a LEFT JOIN that compares all that they are grouped by; None if it is none."""
    groups = join.this.this if isinstance(join.this, exp.Subquery) else None
    if join.side != "LEFT" or not isinstance(groups, exp.Select):
        return None
    if not only(groups, "joins", "where", "group") or any(own(groups, exp.Window)):
        return None
    alias = join.this.alias_or_name
    given = {item.alias_or_name: item.unalias() for item in groups.expressions}
    keys = {}
    conditions = conjuncts(join.args.get("on"))
    for condition in conditions:
        sides = [condition.this, condition.expression] if isinstance(condition, exp.EQ) else []
        own_sides = [one for one in sides if isinstance(one, exp.Column) and one.table == alias]
        others = [one for one in sides if alias not in {c.table for c in one.find_all(exp.Column)}]
        if len(own_sides) != 1 or len(others) != 1:
            return None
        keys[own_sides[0].name] = others[0]
    by, compared = grouped_by(groups), [given.get(name) for name in keys]
    whole = by and len(by) == len(conditions) and all(term in compared for term in by)
    return _Groups(groups, keys) if whole else None


def _hangs_on_columns_only(select: Tree, joined: dict[str, _Groups]) -> bool:
    """Whether the joined groups are read in the columns, and nowhere else."""
    if any(own(select, exp.Window)) or any(item.find(exp.Query) for item in select.expressions):
        return False
    elsewhere = [column for term in where(select) for column in term.find_all(exp.Column)]
    for join in select.args["joins"]:
        on = join.args.get("on")
        elsewhere += [
            column
            for column in (on.find_all(exp.Column) if on else ())
            if column.table != join.this.alias_or_name
        ]
    return not any(column.table in joined for column in elsewhere)


def _without(select: Tree, joined: dict[str, _Groups]) -> Tree:
    """The SELECT without the joined groups."""
    alone = select.copy()
    set_part(alone, "with", None)
    kept = [join for join in alone.args["joins"] if join.this.alias_or_name not in joined]
    alone.set("joins", kept)
    return alone


def _values(
    arms: _Arms, joined: dict[str, _Groups], wanted: set[tuple[str, str]], schema: Schema
) -> dict[tuple[str, str], Tree]:
    """What stands for the columns of joined groups that are wanted, as far as it can be said."""
    values: dict[tuple[str, str], Tree] = {}
    for place, (alias, groups) in enumerate(joined.items(), 1):
        found, carry = partial(arms.found, place, alias), partial(arms.carry, place)
        for item in groups.select.expressions:
            name = item.alias_or_name
            if (alias, name) not in wanted:
                continue
            if name in groups.keys:
                missing = null_of(item.unalias(), schema)
                column = carry(item.unalias().copy(), missing) if missing else None
                value = exp.Max(this=exp.column(column)) if column else None
            else:
                value = grouped_value(item.unalias(), schema, found, carry)
            if value is not None:
                values[alias, name] = value
    return values


def _names(select: Tree) -> set[str]:
    return {source.alias_or_name for source in sources(select)}


def _joined(alone: Tree, groups: _Groups) -> Tree:
    """The rows that are under the groups of a join, joined with what a SELECT reads without it."""
    rows = groups.select.copy()
    given = {item.alias_or_name: item.unalias() for item in rows.expressions}
    on = [exp.EQ(this=given[name].copy(), expression=to.copy()) for name, to in groups.keys.items()]
    rows.set("group", None)
    rows.append("joins", exp.Join(this=part(alone, "from").this.copy(), on=exp.and_(*on)))
    for further in alone.args.get("joins") or ():
        rows.append("joins", further.copy())
    set_where(rows, [*where(alone), *where(rows)])
    return rows


def _over(
    item: Tree, names: dict[tuple[str, str], str], values: dict[tuple[str, str], Tree]
) -> Tree:
    """An item of the SELECT, of the columns of the UNION ALL."""
    holder = exp.Paren(this=item.copy())
    for column in [*own(holder, exp.Column)]:
        place = (column.table, column.name)
        if place in names:
            column.replace(exp.column(names[place]))
        else:
            _put(column, values[place].copy())
    return holder.this


def _put(column: Tree, value: Tree) -> None:
    """Put a value in the place of a column; a count of which 0 is made where it is none is one."""
    whole = column.parent
    is_filled = (
        isinstance(whole, exp.Coalesce)
        and column is whole.this
        and [one.name for one in whole.expressions] == ["0"]
    )
    if is_filled and isinstance(value, exp.Case):
        counted = value.args["ifs"][0].args["true"]
        if isinstance(counted, exp.Count):
            whole.replace(counted)
            return
    column.replace(value)
