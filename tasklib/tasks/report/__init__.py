"""One small HTML file about the stream tables that opens without a network."""

from tasklib.tasks.report.page import write

__all__ = ["write"]
