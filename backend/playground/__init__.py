"""The playground's service: tapes of small scenes, trained beside the server and kept in memory."""
