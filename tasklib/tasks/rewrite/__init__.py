"""The same meaning in other words, which the installed engine keeps right incrementally."""
