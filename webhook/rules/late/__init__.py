"""The late layer: what the operator accepts and what then never runs, or burns GPUs."""
