"""PostgreSQL from a wheel, as a process of the user's."""
