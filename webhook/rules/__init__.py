"""What a RayJob must be: the form of a rule, and the rules by layer and theme."""
