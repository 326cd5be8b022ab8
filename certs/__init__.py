"""Trust: a CA and its leaf, made in memory; knows nothing of the webhook."""
