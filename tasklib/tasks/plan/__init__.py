"""invoke plan: what dbt run would do to the stream tables."""
