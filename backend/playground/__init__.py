"""Playground: tapes of small scenes, trained in processes beside the server and cached in memory."""
