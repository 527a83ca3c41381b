"""Whether what happened was kept as it was: the chain, its verification, what the auditor reads, erasure, retention."""
