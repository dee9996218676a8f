"""The project's folder, its settings, and dbt with its manifest."""
