"""What the cluster's owner decides: which rules do what, and which defaults are given."""
