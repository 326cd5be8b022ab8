"""What a platform team decides; each of these rules is off until a policy sets it."""
