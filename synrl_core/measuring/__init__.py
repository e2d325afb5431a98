"""Measuring: events of a trainer, confusion and mistakes, costs."""
