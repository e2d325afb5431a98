"""Wire and storage formats: messages, columns, snapshots, checkpoints, artifacts."""
