"""The policies that are shipped with the manifests, and what each makes of RayJobs."""
