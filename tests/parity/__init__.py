"""Recorded answers of KubeRay's own code, and whether ours are the same.

``python -m tests.parity FILE...`` reads files of recorded verdicts, judges every case as KubeRay's operator would, and
prints each case in which we differ. What the files hold is described beside the recordings, in ../shared/parity.
"""
