"""invoke freshness: no stream table is stale, and who is told of it."""
