"""The door: HTTP over TLS, the only place that waits, reads the clock or logs."""
