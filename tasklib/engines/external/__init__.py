"""A server that the user names."""
