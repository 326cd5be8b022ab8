"""What a RayJob gets when it does not say."""
