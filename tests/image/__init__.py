"""The image without an engine: its Dockerfile read, its builder carried out, its command confined."""
