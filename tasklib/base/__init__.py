"""What everything stands on: texts, files, processes, errors, and what goes to the terminal."""
