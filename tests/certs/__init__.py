"""Trust, proven by handshakes that succeed and by handshakes that must not."""
