"""The task: look for other words for models, prove them, show and write them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from sqlglot.errors import SqlglotError

from tasklib.base.display import ask, cell, console, print_json, progress_bar
from tasklib.base.findings import ERROR, OK
from tasklib.catalog.database import Connection, connect, connect_to_primary
from tasklib.project.project import Project
from tasklib.tasks.rewrite import cost, files
from tasklib.tasks.rewrite.keys import key_changes, possible_keys
from tasklib.tasks.rewrite.models import Model, chosen
from tasklib.tasks.rewrite.proof import Attempt, Prover, describe
from tasklib.tasks.rewrite.schema import read_schema
from tasklib.tasks.rewrite.search import Candidate, Search
from tasklib.tasks.rewrite.template import NotMappedError, Template, read_template, written_out
from tasklib.tasks.rewrite.tree import Tree, output_names, parse, qualified, tables, trimmed

PROPOSED, RIGHT, NONE, COSTS_MORE, UNREADABLE = (
    "proposed", "right", "none found", "costs more", "unreadable",
)  # fmt: skip
STYLES = {PROPOSED: "green", RIGHT: "green", NONE: "yellow", COSTS_MORE: "yellow"}
COLOURS = {"+": "green", "-": "red", "@": "cyan"}
# failed attempts that are told
SHOWN = 5


@dataclass
class Found:
    """What became of one model.

    Args:
        model: its name.
        outcome: proposed, right (as it is), none, costs more, or unreadable.
        told: what is wrong with it as it is, or why nothing is proposed.
        steps: what was done to it.
        gain: what a refresh costs.
        files: what to write.
        attempts: what was tried.
        notes: what else to know.
    """

    model: str
    outcome: str
    told: str = ""
    steps: tuple[str, ...] = ()
    gain: cost.Cost | None = None
    files: list[files.FileChange] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, root: Path) -> dict[str, object]:
        """As JSON has it."""
        return {
            "subject": self.model,
            "outcome": self.outcome,
            "cause": self.told,
            "steps": list(self.steps),
            "incremental_ms": self.gain.incremental if self.gain else None,
            "full_ms": self.gain.full if self.gain else None,
            "files": [
                {"path": str(change.path.relative_to(root)), "is_new": change.before is None,
                 "contents": change.after}
                for change in self.files
            ],
            "tried": [attempt.row() for attempt in self.attempts],
            "notes": self.notes,
        }  # fmt: skip


def rewrite(
    project: Project,
    models: Sequence[str] = (),
    *,
    write: bool = False,
    timeout: float = 120.0,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Look for queries of the same meaning that the installed engine keeps right incrementally.

    Args:
        project: the project.
        models: models; by default those that are FULL although that wasn't asked for.
        write: change the models' files.
        timeout: seconds to look for one model.
        yes: don't ask before a file is changed that git couldn't give back.
        as_json: print JSON.

    Returns:
        The exit status: 1 if nothing was found for one of them.

    Raises:
        UserError: (exit status 2) the catalog can't be read, a name is no model's, dbt fails.
    """
    with closing(connect_to_primary(project.environment(), "rewrite")) as connection:
        chosen_models = chosen(project, connection, models)
        found = []
        with progress_bar() as progress:
            bar = progress.add_task("rewrite", total=len(chosen_models))
            for model in chosen_models:
                progress.update(bar, description=model.name)
                found.append(_look(project, connection, model, timeout))
                progress.advance(bar)
    written = _write(project, found, yes=yes) if write else []
    missed = any(one.outcome not in {PROPOSED, RIGHT} for one in found)
    if as_json:
        rows = [one.row(project.root) for one in found]
        print_json("rewrite", ERROR if missed else OK, rows, written=list(map(str, written)))
    else:
        _show(project, found, written, asked=write)
    return int(missed)


def _look(project: Project, connection: Connection, model: Model, timeout: float) -> Found:
    notes: list[str] = []
    try:
        template, tree = _read(model, notes)
    except SqlglotError as error:
        return Found(model.name, UNREADABLE, f"sqlglot can't read it: {str(error).splitlines()[0]}")
    given = tree.copy()
    schema = read_schema(connection, tree)
    missing = [table.name for table in tables(tree) if schema.of(table) is None]
    if missing:
        return Found(model.name, UNREADABLE, f"{', '.join(missing)} isn't there: invoke build")
    original = trimmed(model.compiled)
    plain = Prover(
        lambda: connect(project.environment()), original, is_read=model.is_read, owner=model.owner
    )
    as_it_is = plain.as_it_is()
    if as_it_is.outcome == "right":
        return Found(model.name, RIGHT, "it stays right incrementally as it is", notes=notes)
    keys = possible_keys(connection, original, model.owner)
    prover = plain
    if keys:
        prover = Prover(plain.connect, original, keys, model.is_read, model.owner)
    search = Search(
        schema.with_keys(keys), not model.contract, time.monotonic() + timeout, prover.examine
    )
    best = search.best(qualified(tree, schema.names()))
    if best and keys and plain.examine(best) is None:
        keys = {}
    found = Found(model.name, NONE, describe(as_it_is), attempts=prover.attempts, notes=notes)
    if best is None:
        return found
    told = [f"a primary key on {', '.join(keys)}"] if keys else []
    found.steps = (*told, *best.steps)
    found.gain = cost.measure(connection, original, best.pieces, keys, model.owner)
    found.outcome = PROPOSED if found.gain.pays else COSTS_MORE
    found.files, found.notes = key_changes(project, keys)
    if best.steps:
        found.notes += notes
        _note(found, given, best, template)
        found.files += files.changes(model, template, best.pieces)
    return found


def _read(model: Model, notes: list[str]) -> tuple[Template, Tree]:
    try:
        return read_template(model.raw, model.compiled)
    except NotMappedError as error:
        notes.append(f"Its Jinja is written out, for it can't be kept ({error}).")
        return written_out(model.raw, model.compiled, model.relations), parse(model.compiled)


def _note(found: Found, given: Tree, best: Candidate, template: Template) -> None:
    """Say what a reader of the diff can't see in it."""
    tree = best.pieces[-1].tree
    added = [name for name in output_names(tree) if name not in output_names(given)]
    if added and output_names(given) != ["*"]:
        found.notes.append(f"It gets more columns: {', '.join(added)}.")
    for jinja in template.lost([piece.tree for piece in best.pieces], given):
        found.notes.append(f"{jinja} is written out.")


def _write(project: Project, found: Sequence[Found], *, yes: bool) -> list[Path]:
    wanted = [change for one in found if one.outcome == PROPOSED for change in one.files]
    lost = [str(path.relative_to(project.root)) for path in files.not_in_git(wanted)]
    if lost and not yes and not ask(f"git hasn't {', '.join(lost)} as it is now. Overwrite?"):
        return []
    files.write(wanted)
    return [change.path for change in wanted]


def _show(
    project: Project, found: Sequence[Found], written: Sequence[Path], *, asked: bool
) -> None:
    out = console()
    for one in found:
        _show_one(out, project, one)
    counts = {outcome: sum(one.outcome == outcome for one in found) for outcome in STYLES}
    summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    out.print(cell(f"rewrite: {summary or 'no model is FULL without having asked for it'}"))
    proposed = [one.model for one in found if one.outcome == PROPOSED]
    if written:
        out.print(cell("Written. Next: invoke build"))
    elif proposed and not asked:
        out.print(cell(f"To change the files: invoke rewrite {' '.join(proposed)} --write"))


def _show_one(out: Console, project: Project, one: Found) -> None:
    out.print(cell(f"{one.model}: {one.outcome}", style=f"bold {STYLES.get(one.outcome, 'red')}"))
    if one.told:
        out.print(cell(f"  as it is: {one.told}"))
    if one.steps:
        out.print(cell(f"  rewritten: {'; '.join(one.steps)}"))
    if one.gain and one.gain.words():
        out.print(cell(f"  a refresh: {one.gain.words()}"))
    failed = [attempt for attempt in one.attempts if attempt.outcome != "right" and attempt.steps]
    for attempt in failed[:SHOWN]:
        steps = "; ".join(attempt.steps)
        out.print(cell(f"  tried: {steps}: {attempt.outcome} {attempt.detail}", style="dim"))
    if failed[SHOWN:]:
        out.print(cell(f"  and {len(failed) - SHOWN} more (--json lists them)", style="dim"))
    for note in one.notes:
        out.print(cell(f"  {note}", style="yellow"))
    for change in one.files:
        for line in change.diff(project.root):
            out.print(cell(line, style=COLOURS.get(line[:1], "")))
