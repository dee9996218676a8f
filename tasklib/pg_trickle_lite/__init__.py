"""pg_trickle_lite: a stand-in for pg_trickle, in SQL, with a scheduler process."""
