"""The kuberay layer: what the operator of the target release would refuse after the object is stored."""
