"""The conversation with the API server: a review comes in as bytes and goes out as bytes, decided in between."""
