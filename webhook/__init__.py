"""The admission webhook that completes and judges RayJobs."""
