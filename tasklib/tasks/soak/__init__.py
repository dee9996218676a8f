"""invoke soak: changes are tried on copies."""
