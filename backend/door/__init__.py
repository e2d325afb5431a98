"""The door: who somebody is, how she gets in, and what is turned away before any route sees it."""
