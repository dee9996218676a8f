"""What the invoke tasks call: engines, checks and operations of a project with stream tables."""

__version__ = "0.1.0"
