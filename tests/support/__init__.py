"""What tests share: real throw-away servers, the service as a process, and its callers."""
