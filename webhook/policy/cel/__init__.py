"""Rules of an owner's own, in CEL: checked when the policy is read, bounded, and with Kubernetes' own verdicts."""
