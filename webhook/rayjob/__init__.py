"""The object: what a RayJob is made of, where each field sits, and how its texts are read."""
