"""Releases without a gap: built beside what is in use, checked, and put in its place at once."""
