"""What is set and made on a server of any engine."""
