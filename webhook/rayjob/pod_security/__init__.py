"""The Pod Security Standards: what Kubernetes lets a pod do in a namespace of level *baseline* or *restricted*."""
