"""The tasks: one module, or one room, for each."""
