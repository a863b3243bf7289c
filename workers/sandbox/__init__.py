"""The host's side of the sandbox: three ways to one guest supervisor, and none that does without a sandbox."""
