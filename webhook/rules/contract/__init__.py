"""The contract layer: required fields and types of the RayJob interface."""
