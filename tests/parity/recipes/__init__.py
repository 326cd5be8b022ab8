"""How to break each rule of KubeRay's operator, and how to change a RayJob without breaking any.

Source: kuberay-rules B.1 to B.8, read as a recipe book. Nothing here knows the rules of `webhook`.
"""
