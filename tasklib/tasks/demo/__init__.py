"""invoke demo: a shop's orders come in."""
