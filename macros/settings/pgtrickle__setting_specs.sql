{#- Every setting of a stream table that pg_trickle takes, by its name in a model's config.
    kind: enum | bool | int | float | text | schedule; allowed: an enum's values, or [lowest, highest];
    default: what applies when the model doesn't say (none: left to the server);
    column: where pgtrickle.pgt_stream_tables keeps it; change: alter (in place) | replace (rebuild) | none;
    synonyms: {what a user may also write: the value};
    reset: what alter_stream_table takes to go back to the default where that isn't the default itself;
    server_sets: the server changes it by itself, so that what it holds tells nothing about the model: 0.67.0 makes one
    append-only that sees nothing but INSERTs, and takes that back, moves one with an SLA from tier to tier, suspends one that fails.
    Sources: the live catalog of 0.67.0 for values and checks; alter_stream_table has no way to NULL a value. -#}
{% macro pgtrickle__setting_specs() %}
  {% do return({
    'schedule': {'kind': 'schedule', 'default': '1m', 'column': 'schedule', 'change': 'alter'},
    'refresh_mode': {'kind': 'enum', 'allowed': ['AUTO', 'FULL', 'DIFFERENTIAL', 'IMMEDIATE'], 'synonyms': {'INCREMENTAL': 'DIFFERENTIAL'},
      'default': 'DIFFERENTIAL', 'column': 'refresh_mode', 'change': 'alter'},
    'initialize': {'kind': 'bool', 'default': true, 'change': 'none'},
    'status': {'kind': 'enum', 'allowed': ['ACTIVE', 'PAUSED'], 'synonyms': {'SUSPENDED': 'PAUSED'}, 'default': none, 'column': 'status',
      'change': 'alter', 'server_sets': true},
    'cdc_mode': {'kind': 'enum', 'allowed': ['auto', 'trigger', 'wal'], 'default': none, 'column': 'requested_cdc_mode', 'change': 'alter',
      'reset': 'auto'},
    'diamond_consistency': {'kind': 'enum', 'allowed': ['none', 'atomic'], 'default': 'atomic', 'column': 'diamond_consistency',
      'change': 'alter'},
    'diamond_schedule_policy': {'kind': 'enum', 'allowed': ['fastest', 'slowest'], 'default': 'fastest',
      'column': 'diamond_schedule_policy', 'change': 'alter'},
    'append_only': {'kind': 'bool', 'default': false, 'column': 'is_append_only', 'change': 'alter', 'server_sets': true},
    'pooler_compatibility_mode': {'kind': 'bool', 'default': false, 'column': 'pooler_compatibility_mode', 'change': 'alter'},
    'tier': {'kind': 'enum', 'allowed': ['hot', 'warm', 'cold', 'frozen'], 'default': 'hot', 'column': 'refresh_tier', 'change': 'alter',
      'server_sets': true},
    'fuse': {'kind': 'enum', 'allowed': ['off', 'on', 'auto'], 'default': 'off', 'column': 'fuse_mode', 'change': 'alter'},
    'fuse_ceiling': {'kind': 'int', 'allowed': [1, none], 'default': none, 'column': 'fuse_ceiling', 'change': 'alter', 'reset': false},
    'fuse_sensitivity': {'kind': 'int', 'allowed': [1, none], 'default': none, 'column': 'fuse_sensitivity', 'change': 'alter',
      'reset': false},
    'max_differential_joins': {'kind': 'int', 'allowed': [1, none], 'default': none, 'column': 'max_differential_joins', 'change': 'alter',
      'reset': 0},
    'max_delta_fraction': {'kind': 'float', 'allowed': [0, 1], 'default': none, 'column': 'max_delta_fraction', 'change': 'alter',
      'reset': 0},
    'post_refresh_action': {'kind': 'enum', 'allowed': ['none', 'analyze', 'reindex', 'reindex_if_drift'], 'default': 'none',
      'column': 'post_refresh_action', 'change': 'alter'},
    'reindex_drift_threshold': {'kind': 'float', 'allowed': [0, 1], 'default': none, 'column': 'reindex_drift_threshold', 'change': 'alter',
      'reset': false},
    'target_freshness': {'kind': 'text', 'default': none, 'column': 'target_freshness', 'change': 'alter', 'reset': ''},
    'partition_by': {'kind': 'text', 'default': none, 'column': 'st_partition_key', 'change': 'replace'},
    'temporal': {'kind': 'bool', 'default': false, 'column': 'temporal_mode', 'change': 'replace'},
    'storage_backend': {'kind': 'enum', 'allowed': ['heap', 'citus', 'pg_mooncake', 'none'], 'default': none, 'column': 'storage_backend',
      'change': 'replace'},
    'output_distribution_column': {'kind': 'text', 'default': none, 'column': 'output_distribution_column', 'change': 'replace'},
    'fillfactor': {'kind': 'int', 'allowed': [10, 100], 'default': none, 'column': 'storage_fillfactor', 'change': 'replace'},
  }) %}
{% endmacro %}
