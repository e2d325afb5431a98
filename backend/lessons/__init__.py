"""Lessons: the method in seven lessons, each a data file that drives a scene of the playground."""
