"""Certify: which SQL the installed engine keeps right, and how that differs from 0.67.0."""
