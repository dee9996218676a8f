"""The archives that pg_trickle is released in."""
