"""What PostgreSQL and pg_trickle know: connections, shared queries, trials and their verdicts."""
