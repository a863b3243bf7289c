raise BlockingIOError(11, "Resource temporarily unavailable")
