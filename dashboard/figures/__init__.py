"""Figures as functions of data: no I/O, tested without a browser."""
