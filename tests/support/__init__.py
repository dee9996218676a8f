"""What the tests share: a PostgreSQL 18 server, databases on it, and dbt projects in them."""
