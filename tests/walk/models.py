"""Random dbt models over one another, and random edits of them: the same seed, the same project."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SOURCES = ("t0", "t1", "t2")
DECLARED = f"""
sources:
- name: raw
  schema: raw
  tables: [{", ".join(f"{{name: {name}}}" for name in SOURCES)}]
"""
TABLES = "create schema raw;" + "".join(
    f"create table raw.{name} (id int primary key, k int not null, v int not null);"
    f"insert into raw.{name} select i, i % {3 + place}, i * {1 + place} from generate_series(1, 20) i;"
    for place, name in enumerate(SOURCES)
)
# what stays right incrementally on 0.67.0: other queries are the trial's business, not a walk's
FORMS = {
    "filter": "select id, k, v{extra} from {a} where v % 7 <> {n} % 7",
    "shift": "select id, k, v + {n} as v{extra} from {a}",
    "groups": "select k as id, k, (sum(v) + {n})::int as v{extra} from {a} group by k",
    # aliases of its own: 0.67.0 mixes up a view's with those around it ("column dl.b__id does not exist")
    "join": "select a_{own}.id, a_{own}.k, a_{own}.v + b_{own}.v + {n} as v{extra} "
    "from {a} as a_{own} join {b} as b_{own} on b_{own}.id = a_{own}.id",
}
KINDS = ("view", "view", "table", "incremental", "stream_table", "stream_table", "stream_table")


@dataclass
class Model:
    """One model: `parents` are sources, or models that stand before it."""

    name: str
    kind: str
    form: str
    parents: list[str]
    number: int = 0
    extra: bool = False
    mode: str = "AUTO"

    @property
    def kind_in_effect(self) -> str:
        """A view of a join or of groups would be written out in what reads it, which 0.67.0 then gets wrong."""
        return "table" if self.kind == "view" and self.form in ("join", "groups") else self.kind

    @property
    def mode_in_effect(self) -> str:
        """IMMEDIATE needs what has a key (PGT024), and dbt's own tables have none."""
        keyed = all(parent in SOURCES for parent in self.parents)
        return "AUTO" if self.mode == "IMMEDIATE" and not keyed else self.mode

    def text(self) -> str:
        config = {"materialized": self.kind_in_effect}
        if self.kind == "stream_table":
            config |= {"trial": "off", "refresh_mode": self.mode_in_effect}
            config |= {} if self.mode_in_effect == "IMMEDIATE" else {"schedule": "1h"}
        if self.kind == "incremental":
            # pg_trickle lets nobody add a column to what a stream table reads
            config |= {"on_schema_change": "ignore", "unique_key": "id"}
        said = ", ".join(f"{key}={value!r}" for key, value in config.items())
        a, b = (
            f"{{{{ source('raw', '{parent}') }}}}"
            if parent in SOURCES
            else f"{{{{ ref('{parent}') }}}}"
            for parent in (self.parents[0], self.parents[-1])
        )
        query = FORMS[self.form].format(
            a=a,
            b=b,
            n=self.number,
            own=self.name,
            extra=", 1 as extra" if self.extra and self.kind != "incremental" else "",
        )
        return f"{{{{ config({said}) }}}}\n{query}\n"


@dataclass
class Models:
    """A random project; parents come before their readers."""

    chance: random.Random
    models: list[Model] = field(default_factory=list)
    made: int = 0

    def files(self) -> dict[str, str]:
        """The project's files below its models folder."""
        return {"models/sources.yml": DECLARED} | {
            f"models/{model.name}.sql": model.text() for model in self.models
        }

    def grow(self, count: int) -> None:
        """Add models at the end."""
        for _ in range(count):
            self.made += 1
            model = Model(f"m{self.made}", "view", "shift", ["t0"])
            self.models.append(model)
            self._rewrite(model)
            model.kind = self.chance.choice(KINDS)

    def edit(self, *, keeping: bool = False) -> str:
        """Change something; gives what, in one line. keeping: no model goes away."""
        edits = [
            self._renumber, self._renumber, self._rewrite, self._recolumn, self._rekind,
            self._add, self._remode,
        ]  # fmt: skip
        edits += [] if keeping else [self.rename, self._delete]
        edit = self.chance.choice(edits)
        model = self.chance.choice(self.models)
        before = f"{model.name} ({model.kind} {model.form} of {', '.join(model.parents)})"
        edit(model)
        return f"{edit.__name__.strip('_')} {before}"

    def _renumber(self, model: Model) -> None:
        model.number += 1 + self.chance.randrange(5)

    def _rewrite(self, model: Model) -> None:
        before = [*SOURCES, *(m.name for m in self.models[: self.models.index(model)])]
        # near ones, so that it grows deep
        pool = before[-6:]
        model.parents = self.chance.choices(pool, k=2)
        model.form = self.chance.choice(list(FORMS))

    def _recolumn(self, model: Model) -> None:
        model.extra = not model.extra

    def _rekind(self, model: Model) -> None:
        model.kind = self.chance.choice(KINDS)

    def _remode(self, model: Model) -> None:
        model.mode = self.chance.choice(["FULL", "AUTO", "IMMEDIATE"])

    def rename(self, model: Model) -> str:
        """Give a model a new name, where it is read too; gives the name."""
        self.made += 1
        old, model.name = model.name, f"m{self.made}"
        for reader in self.models:
            reader.parents = [model.name if name == old else name for name in reader.parents]
        return model.name

    def _delete(self, model: Model) -> None:
        if len(self.models) < 4:
            return
        for reader in self.models:
            reader.parents = [
                model.parents[0] if name == model.name else name for name in reader.parents
            ]
        self.models.remove(model)

    def _add(self, _model: Model) -> None:
        if len(self.models) < 24:
            self.grow(1)
