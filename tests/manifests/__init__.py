"""The manifests, as kubectl and helm render them, held against the code that they run."""
