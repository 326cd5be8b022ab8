"""The whole, seen from outside: a real API server, the real webhook, and kubectl as a user types it."""
