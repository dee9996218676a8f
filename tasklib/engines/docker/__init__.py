"""PostgreSQL in a container."""
