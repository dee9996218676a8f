"""invoke advise: what to change in the models, and why."""
