"""Learning: the trainers, their state, random draws, schedules and checkpoints."""
