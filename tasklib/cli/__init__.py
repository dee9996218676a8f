"""How a task is called: its flags, positional arguments, selectors, and dbt's."""
