"""The suites that every adapter of dbt has to pass, in a project with our macros in it.

They are dbt-tests-adapter's own (`dbt.tests.adapter`), unchanged; what they are about is dbt's: `view`, `table` and
`incremental`, which we override, and what goes through them; and `stream_table` where a suite leaves the materialization open.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

suites = pytest.importorskip(
    "dbt.tests.adapter", reason="dbt-tests-adapter is for dbt 1.11 and later alone"
)

# always run; the others with PGTRICKLE_LONG_TESTS=1
SHORT = {"BaseSimpleMaterializations", "BaseIncrementalNotSchemaChange"}
RUN = {
    "basic.test_adapter_methods": ["BaseAdapterMethod"],
    "basic.test_base": ["BaseSimpleMaterializations"],
    "basic.test_docs_generate": ["BaseDocsGenerate", "BaseDocsGenReferences"],
    "basic.test_empty": ["BaseEmpty"],
    "basic.test_ephemeral": ["BaseEphemeral"],
    "basic.test_generic_tests": ["BaseGenericTests"],
    "basic.test_incremental": ["BaseIncremental", "BaseIncrementalNotSchemaChange", "BaseIncrementalBadStrategy"],
    "basic.test_singular_tests": ["BaseSingularTests"],
    "basic.test_singular_tests_ephemeral": ["BaseSingularTestsEphemeral"],
    "basic.test_snapshot_check_cols": ["BaseSnapshotCheckCols"],
    "basic.test_snapshot_timestamp": ["BaseSnapshotTimestamp"],
    "basic.test_table_materialization": ["BaseTableMaterialization"],
    "basic.test_validate_connection": ["BaseValidateConnection"],
    "caching.test_caching": [
        "BaseCachingLowercaseModel", "BaseCachingUppercaseModel", "BaseCachingSelectedSchemaOnly", "BaseNoPopulateCache",
    ],
    "concurrency.test_concurrency": ["BaseConcurrency"],
    "constraints.test_constraints": [
        "BaseTableConstraintsColumnsEqual", "BaseViewConstraintsColumnsEqual", "BaseIncrementalConstraintsColumnsEqual",
        "BaseConstraintsRollback",
        "BaseIncrementalConstraintsRollback",
        "BaseTableContractSqlHeader", "BaseIncrementalContractSqlHeader",
        "BaseIncrementalForeignKeyConstraint",
    ],
    "empty.test_empty": ["BaseTestEmpty"],
    "grants.test_incremental_grants": ["BaseIncrementalGrants"],
    "grants.test_invalid_grants": ["BaseInvalidGrants"],
    "grants.test_model_grants": ["BaseModelGrants"],
    "grants.test_seed_grants": ["BaseSeedGrants"],
    "grants.test_snapshot_grants": ["BaseSnapshotGrants"],
    "hooks.test_model_hooks": [
        "BasePrePostModelHooksOnSeeds", "BaseHooksRefsOnSeeds", "BasePrePostModelHooksOnSnapshots", "BaseDuplicateHooksInConfigs",
    ],
    "incremental.test_incremental_on_schema_change": ["BaseIncrementalOnSchemaChange"],
    "incremental.test_incremental_predicates": ["BaseIncrementalPredicates"],
    "incremental.test_incremental_unique_id": ["BaseIncrementalUniqueKey"],
    "persist_docs.test_persist_docs": [
        "BasePersistDocs", "BasePersistDocsColumnMissing", "BasePersistDocsAllColumnsMissing",
        "BasePersistDocsQuotedColumnCaseSensitive", "BasePersistDocsQuotedDescriptionNotAppliedOnMismatch",
        "BasePersistDocsCommentOnQuotedColumn",
    ],
    "relations.test_changing_relation_type": ["BaseChangeRelationTypeValidator"],
    "relations.test_dropping_schema_named": ["BaseDropSchemaNamed"],
    "simple_seed.test_seed": [
        "BaseBasicSeedTests", "BaseSeedConfigFullRefreshOn", "BaseSeedConfigFullRefreshOff", "BaseSeedCustomSchema",
        "BaseSeedWithUniqueDelimiter", "BaseSeedWithWrongDelimiter", "BaseSeedWithEmptyDelimiter",
        "BaseSimpleSeedEnabledViaConfig", "BaseSeedParsing", "BaseTestEmptySeed",
    ],
    "simple_snapshot.test_snapshot": ["BaseSimpleSnapshot", "BaseSnapshotCheck"],
    "store_test_failures_tests.test_store_test_failures": ["BaseStoreTestFailures", "BaseStoreTestFailuresLimit"],
    "unit_testing.test_case_insensitivity": ["BaseUnitTestCaseInsensivity"],
    "unit_testing.test_invalid_input": ["BaseUnitTestInvalidInput"],
    "unit_testing.test_quoted_reserved_word_column_names": ["BaseUnitTestQuotedReservedWordColumnNames"],
    "unit_testing.test_types": ["BaseUnitTestingTypes", "BaseUnitTestingVarcharFixtureNoTruncation"],
}  # fmt: skip
# by suite or by module: why not
SKIPPED = {
    "BaseCachingTest": "a base of four that run",
    "basic.test_get_catalog_for_single_relation": "dbt-postgres doesn't have that capability",
    "BaseContractSqlHeader": "a base of two that run",
    "BaseConstraintsColumnsEqual": "a base of three that run",
    "BaseConstraintsRuntimeDdlEnforcement": "compares the text of the DDL, which takes our lock first",
    "BaseIncrementalConstraintsRuntimeDdlEnforcement": "compares the text of the DDL, which takes our lock first",
    "BaseModelConstraintsRuntimeEnforcement": "compares the text of the DDL, which takes our lock first",
    "BaseConstraintQuotedColumn": "compares the text of the DDL, which takes our lock first",
    "BaseGenerateProject": "a base of two that run",
    "BaseGrants": "a base of five that run",
    "BaseIncrementalOnSchemaChangeSetup": "a base of one that runs",
    "BasePersistDocsBase": "a base of those that run",
    "BaseSimpleSnapshotBase": "a base of two that run",
    "hooks.test_run_hooks": "on-run-end is the project's own, and it reads SQL files of dbt-core's repository",
    "BaseTestEmptyInlineSourceRef": "gives a second alias to what dbt-postgres has aliased itself under --empty",
    "BaseTestEmptySeedFlag": "dbt 1.11 has no `dbt seed --empty`",
    "BaseTestPrePost": "a base; those on it read SQL files of dbt-core's repository",
    "BasePrePostModelHooks": "reads SQL files of dbt-core's repository",
    "BaseHookRefs": "reads SQL files of dbt-core's repository",
    "BasePrePostModelHooksInConfig": "reads SQL files of dbt-core's repository",
    "BasePrePostModelHooksInConfigWithCount": "reads SQL files of dbt-core's repository",
    "BasePrePostModelHooksInConfigKwargs": "reads SQL files of dbt-core's repository",
    "BasePrePostModelHooksOnSeedsPlusPrefixed": "as BasePrePostModelHooksOnSeeds",
    "BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace": "as BasePrePostModelHooksOnSeeds",
    "BasePrePostSnapshotHooksInConfigKwargs": "as BasePrePostModelHooksOnSnapshots",
    "incremental.test_incremental_merge_exclude_columns": "a strategy that dbt-postgres refuses: merge_exclude_columns",
    "incremental.test_incremental_microbatch": "goes through incremental as the others do; needs event_time",
    "BaseSimpleSeedWithBOM": "reads a file of dbt-core's repository",
    "BaseSeedSpecificFormats": "writes 20,000 rows to look at the reader of CSV, which isn't ours",
    "simple_seed.test_seed_type_override": "an abstract base: each adapter names its types",
    "simple_snapshot.new_record_check_mode": "snapshots aren't ours beyond what the others look at",
    "simple_snapshot.new_record_dbt_valid_to_current": "snapshots aren't ours beyond what the others look at",
    "simple_snapshot.new_record_timestamp_mode": "snapshots aren't ours beyond what the others look at",
    "simple_snapshot.test_ephemeral_snapshot_hard_deletes": "snapshots aren't ours beyond what the others look at",
    "simple_snapshot.test_various_configs": "snapshots aren't ours beyond what the others look at",
}
FOLDERS = sorted({name.split(".")[0] for name in [*RUN, *SKIPPED] if "." in name})


def _suite(module: str, name: str) -> type[Any]:
    return getattr(importlib.import_module(f"dbt.tests.adapter.{module}"), name)  # type: ignore[no-any-return]


for _module, _names in RUN.items():
    for _name in _names:
        _class = type(f"Test{_name.removeprefix('Base')}", (_suite(_module, _name),), {})
        _class.__module__ = __name__
        globals()[_class.__name__] = _class if _name in SHORT else pytest.mark.long(_class)


class TestEmptyStreamTable(_suite("empty.test_empty", "BaseTestEmpty")):  # type: ignore[misc]
    """`--empty` with a stream table on a view, an ephemeral model and a seed."""

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        """The model that the suite looks at is a stream table."""
        return {"models": {"test": {"model": {"+materialized": "stream_table", "+schedule": "1h"}}}}


@pytest.mark.long
class TestMetadataWithEmptyFlag(_suite("empty.test_empty", "MetadataWithEmptyFlag")):  # type: ignore[misc]
    """Without alter_column_type: it quotes MY_VALUE where the column is my_value, and fails without our macros too."""

    @pytest.mark.parametrize(
        "model",
        ["control", "get_columns_in_relation", "alter_relation_comment", "alter_column_comment",
         "alter_relation_add_remove_columns", "truncate_relation"],
    )  # fmt: skip
    def test_run(self, project: Any, model: str) -> None:
        """As theirs."""
        super().test_run(project, model)


def test_every_suite_of_these_folders_is_run_or_named_with_its_reason() -> None:
    known = {name for names in RUN.values() for name in names} | SKIPPED.keys()
    unknown = []
    for folder in FOLDERS:
        for file in sorted((Path(next(iter(suites.__path__))) / folder).glob("*.py")):
            module = f"{folder}.{file.stem}"
            if file.stem == "__init__" or module in SKIPPED or not file.stem.startswith("test_"):
                continue
            found = vars(importlib.import_module(f"dbt.tests.adapter.{module}")).values()
            bases = {
                one.__name__
                for one in found
                if inspect.isclass(one)
                and one.__module__.endswith(module)
                and one.__name__.startswith("Base")
            }
            unknown += sorted(f"{module}: {name}" for name in bases - known)
    assert not unknown
