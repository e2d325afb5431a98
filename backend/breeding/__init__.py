"""Breeding of policies as a job: a process beside the server, recorded step by step, so that a kill loses one step."""
